internal import Glibc
internal import IRQCore
internal import TraceFormats

/// The settings of a new instance, which does not trace yet.
struct TraceSetup {
    /// Events that are on.
    let enabled: [String]
    /// Events that this kernel lacks.
    let missing: [String]
    /// Events that are on without the filter they should have.
    let unfiltered: [String]
    /// The size of each CPU's buffer.
    let kilobytes: Int
    /// The form of its pages.
    let layout: PageLayout

    /// Sets up an instance: the clock first, for setting it empties the buffers, events last.
    init(_ plan: TracePlan, cpus: [Int], root: String, _ folder: borrowing InstanceFolder) throws(TraceError) {
        let reader = try DescriptionReader(root: root, instance: folder.path)
        try folder.set("tracing_on", to: "0")
        try folder.set("trace_clock", to: plan.clock)
        kilobytes = try Self.setSize(plan, cpuCount: cpus.count, folder)
        try folder.set("options/overwrite", to: plan.isOverwrite ? "1" : "0")
        // Kernels before 5.1 have no such file and wake at every event: more wake-ups, the same events.
        if folder.has("buffer_percent") {
            try folder.set("buffer_percent", to: "\(min(max(plan.wakePercent, 0), 100))")
        }
        if plan.cpus != nil { try folder.set("tracing_cpumask", to: CPUMaskText.text(cpus)) }
        layout = try Self.layout(reader.bytes("events/header_page"), folder.path)
        let (choices, missingSystems) = EventChoice.all(plan) { reader.events($0) }
        let outcome = try Self.enable(choices, folder)
        enabled = outcome.enabled
        missing = missingSystems + outcome.missing
        unfiltered = outcome.unfiltered
    }

    /// The CPUs to read: those of the plan, or all that can be.
    static func cpus(_ plan: TracePlan, _ possible: CPUSet) throws(TraceError) -> [Int] {
        guard let wanted = plan.cpus else { return possible.cpus }
        for cpu in wanted.sorted() where !possible.contains(cpu) {
            throw TraceError(path: "/sys/devices/system/cpu/possible", reason: .cpuUnknown(cpu))
        }
        return wanted.sorted()
    }

    /// Opens the buffers of `cpus`; they stay open, so that a CPU may go and come back.
    static func openBuffers(_ cpus: [Int], _ folder: inout InstanceFolder) throws(TraceError) -> [Int32] {
        var descriptors: [Int32] = []
        for cpu in cpus {
            let place = try folder.open("per_cpu/cpu\(cpu)/trace_pipe_raw", O_RDONLY | O_NONBLOCK)
            descriptors.append(folder.descriptor(place))
        }
        return descriptors
    }

    /// Sets the buffers' size; half of it as long as there is no memory for it, unless the plan insists.
    private static func setSize(
        _ plan: TracePlan, cpuCount: Int, _ folder: borrowing InstanceFolder
    ) throws(TraceError) -> Int {
        let wanted =
            plan.bufferKilobytesPerCPU ?? plan.usualKilobytesPerCPU ?? TracePlan.defaultKilobytes(cpuCount: cpuCount)
        var size = max(wanted, 1)
        while true {
            let number = folder.write("\(size)", to: "buffer_size_kb")
            if number == 0 { return size }
            guard number == ENOMEM, plan.bufferKilobytesPerCPU == nil, size > 64 else {
                throw TraceError(path: "\(folder.path)/buffer_size_kb", reason: .setting("\(size)", number))
            }
            size /= 2
        }
    }

    /// Switches events on.
    static func enable(
        _ choices: [EventChoice], _ folder: borrowing InstanceFolder
    ) throws(TraceError) -> (enabled: [String], missing: [String], unfiltered: [String]) {
        var (enabled, missing, unfiltered): ([String], [String], [String]) = ([], [], [])
        for choice in choices {
            guard folder.has("\(choice.folder)/enable") else {
                if choice.isRequired {
                    // Nothing at all is there any more: that is not this kernel's fault.
                    guard folder.has("tracing_on") else { throw TraceError(path: folder.path, reason: .system(ENOENT)) }
                    throw TraceError(path: folder.path, reason: .eventMissing(choice.fullName))
                }
                missing.append(choice.fullName)
                continue
            }
            if let filter = choice.filter, folder.write(filter, to: "\(choice.folder)/filter") != 0 {
                if choice.isFilterNeeded {
                    missing.append(choice.fullName)
                    continue
                }
                unfiltered.append(choice.fullName)
            }
            try folder.set("\(choice.folder)/enable", to: "1")
            enabled.append(choice.fullName)
        }
        return (enabled, missing, unfiltered)
    }

    private static func layout(_ text: [UInt8], _ path: String) throws(TraceError) -> PageLayout {
        guard let formats = KernelFormats(byteOrder: .native, longByteCount: MemoryLayout<Int>.size),
            let layout = formats.pageLayout(
                headerPage: text, longByteCount: MemoryLayout<Int>.size, byteOrder: .native)
        else { throw TraceError(path: "\(path)/events/header_page", reason: .layoutUnknown) }
        return layout
    }
}
