import TestSupport
import Testing

@testable import IRQCore

@Suite struct SlowKernelTests {
    private func found(_ lines: [String]) throws -> [DoctorFinding] {
        var box = MemoryBox()
        box.log? += lines
        return try box.run(SlowKernelCheck.self).findings
    }

    @Test(arguments: [
        ("[CPU14] long duration of IRQ[159:handler], took: 1330 us", "irq 159 handler took 1330 µs"),
        ("hrtimer: interrupt took 12345 ns", "a timer interrupt took 12345 ns"),
        (
            "INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.203 msecs",
            "the NMI handler perf_event_nmi_handler took too long"
        ),
        (
            "workqueue: drm_fb_helper_damage_work hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND",
            "drm_fb_helper_damage_work hogged a CPU for over 10000 µs"
        ),
        ("NOHZ tick-stop error: local softirq work is pending, handler #08!!!", "softirqs were pending when a CPU went idle"),
    ])
    func complaints(_ line: String, _ words: String) throws {
        let found = try found(["[  99.5] \(line)"])
        #expect(found.map(\.evidence) == [words] && found[0].severity == .note)
    }

    @Test func manyWithinAnHourAreAWarning() throws {
        func lines(_ step: Double) -> [String] {
            (0..<10).map { "[ \(100 + Double($0) * step)] hrtimer: interrupt took \($0) ns" }
        }
        #expect(try found(lines(400)).map(\.severity) == [.warn])
        #expect(try found(lines(401)).map(\.severity) == [.note])
        #expect(try found(Array(lines(1).dropLast())).map(\.severity) == [.note])
    }

    @Test func onePerfLineIsNone() throws {
        let line = "[  99.5] perf: interrupt took too long (2503 > 2500), lowering kernel.perf_event_max_sample_rate to 79000"
        #expect(try found([line]).isEmpty)
        #expect(try found([line, line]).map(\.evidence) == ["perf: interrupt took too long (2 times)"])
    }

    @Test func withoutTheLogItIsUnknown() throws {
        var box = MemoryBox()
        box.log = nil
        #expect(try box.run(SlowKernelCheck.self).unknown.count == 1)
    }
}
