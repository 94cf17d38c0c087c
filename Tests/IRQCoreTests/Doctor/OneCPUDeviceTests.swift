@testable import IRQCore
import TestSupport
import Testing

@Suite struct OneCPUDeviceTests {
    private func box(_ perSecond: Double, queues: Int = 8, away: Double = 0) -> MemoryBox {
        var box = MemoryBox(cpus: 8)
        box.addCard(places: Array(repeating: 0, count: queues), perSecond: [perSecond / Double(queues)])
        if away > 0 { box.setRow("56", delta: [0, UInt64(away * box.seconds), 0, 0, 0, 0, 0, 0]) }
        return box
    }

    @Test func eightQueuesOnOneCPU() throws {
        var box = box(32_000)
        box.setTimes(0, softirq: 0.93)
        let run = try box.run(OneCPUDeviceCheck.self)
        let finding = try #require(run.findings.first)
        #expect(run.findings.count == 1 && finding.severity == .warn && finding.subject == "ens192")
        #expect(finding.evidence == "ens192: 8 queues, 32.0k/s, 100.0% on CPU 0, each mask 0-7")
        #expect(finding.why.contains("CPU 0 is full (93.0% softirq), CPUs 1-7 are not"))
        #expect(finding.next.first == "irqscope affinity plan spread --device ens192")
        #expect(finding.undo == "irqscope affinity undo" && finding.cpus == CPUSet([0]))
    }

    @Test(arguments: [(992.0, nil), (1_000, DoctorSeverity.note), (9_992, .note), (10_000, .warn)])
    func levels(_ perSecond: Double, _ severity: DoctorSeverity?) throws {
        #expect(try box(perSecond).run(OneCPUDeviceCheck.self).findings.first?.severity == severity)
    }

    @Test(arguments: [(0.49, DoctorSeverity.note), (0.5, .warn)])
    func aFullCPUIsAWarningAtAnyRate(_ share: Double, _ severity: DoctorSeverity) throws {
        var box = box(2_000)
        box.setTimes(0, softirq: share)
        #expect(try box.run(OneCPUDeviceCheck.self).findings.first?.severity == severity)
    }

    /// Eight queues, one of which is served elsewhere: 2,100 of 16,100 are 13 %.
    @Test(arguments: [(2_100.0, 0), (1_500, 1)])
    func share(_ away: Double, _ count: Int) throws {
        #expect(try box(16_000, away: away).run(OneCPUDeviceCheck.self).findings.count == count)
    }

    @Test func whatCannotBeSpreadIsNone() throws {
        #expect(try box(32_000, queues: 1).run(OneCPUDeviceCheck.self).findings.isEmpty)
        // One CPU is left for interrupts.
        var alone = box(32_000)
        alone.isolate("1-7")
        #expect(try alone.run(OneCPUDeviceCheck.self).findings.isEmpty)
        // Managed queues are blk-queues' business.
        var managed = box(32_000)
        for irq in 56..<64 { managed.modes["proc/irq/\(irq)/smp_affinity"] = 0o444 }
        #expect(try managed.run(OneCPUDeviceCheck.self).findings.isEmpty)
        // Both lines of one queue.
        var pair = MemoryBox()
        pair.line(40, "PCI-MSI 1-edge", "virtio0-input.0", on: 0, perSecond: 9_000)
        pair.line(41, "PCI-MSI 2-edge", "virtio0-output.0", on: 0, perSecond: 9_000)
        #expect(try pair.run(OneCPUDeviceCheck.self).findings.isEmpty)
    }

    @Test func linesThatWeAppliedAreNone() throws {
        var box = box(32_000)
        for irq in 56..<64 { box.files["proc/irq/\(irq)/smp_affinity"] = "1" }
        var input = ExaminationInput(files: box.sample(isSecond: true), earlier: box.sample(isSecond: false))
        let before = try Examination(input)
        #expect(OneCPUDeviceCheck.crowds(before).count == 1)
        input.applied = AppliedLines(lines: Set(56..<63))
        #expect(OneCPUDeviceCheck.crowds(try Examination(input)).count == 1)
        input.applied = AppliedLines(lines: Set(56..<64))
        #expect(OneCPUDeviceCheck.crowds(try Examination(input)).isEmpty)
    }

    @Test func withoutTimesItIsUnknown() throws {
        var box = box(2_000)
        box.remove("proc/stat")
        let run = try box.run(OneCPUDeviceCheck.self)
        #expect(run.findings.count == 1 && run.unknown.first?.reason == "proc/stat is not there")
    }

    @Test func aMeanSinceBootIsANote() throws {
        var box = box(32_000 * 720)
        box.hasTwoSamples = false
        #expect(try box.run(OneCPUDeviceCheck.self).findings.first?.severity == .note)
    }
}
