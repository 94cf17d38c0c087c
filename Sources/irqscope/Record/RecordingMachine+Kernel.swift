internal import IRQCore
internal import KernelSource
internal import TraceOutput

extension RecordingMachine {
    /// The running kernel, as a recording describes it.
    init(
        _ instance: borrowing TraceInstance, _ description: TraceDescription, _ plan: RecordPlan,
        _ statistics: [(cpu: Int, text: [UInt8])]
    ) {
        var systems: [(system: String, formats: [[UInt8]])] = []
        for event in description.events {
            if systems.last?.system == event.system {
                systems[systems.count - 1].formats.append(event.format)
            } else {
                systems.append((event.system, [event.format]))
            }
        }
        self.init(cpuCount: description.cpuCount, headerPage: description.headerPage, eventFormats: systems)
        headerEvent = description.headerEvent
        ftraceFormats = description.ftraceEvents.map(\.format)
        // These tell addresses too, and among what can be recorded only such events refer to them.
        if plan.hasAddresses { printkFormats = description.printkFormats }
        eventsHaveAddresses = plan.hasAddresses
        savedCommandLines = instance.savedCommandLines()
        traceClock = description.clocks
        uname = KernelRelease.uname()
        version = "irqscope \(Version.text)"
        cpuStatistics = statistics
        // Some MiB, which only events with addresses of functions need.
        if !plan.trace.events.isDisjoint(with: EventGroup.withFunctions) {
            if let symbols = instance.kernelSymbols(until: KernelClock.monotonic() &+ RecordLoss.symbolsNanoseconds) {
                kallsyms = symbols
            } else {
                Diagnostics.say("the names of functions are left out: reading them took too long")
            }
        }
    }
}
