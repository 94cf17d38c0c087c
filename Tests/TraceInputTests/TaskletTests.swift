import IRQCore
import TestSupport
import Testing

@testable import TraceInput

/// Tasklets, whose exact numbers a plain script computed from trace-cmd's text of the recording.
@Suite struct TaskletTests {
    @Test func numbersAreThoseOfTheText() throws {
        let rows = try report(onRecording: Places.recording("amd64-tasklets"))[.tasklet]
        #expect(rows.map(\.name) == ["usb_giveback_urb_bh"] && rows.map(\.module) == ["usbcore"])
        let duration = try #require(rows.first?.duration)
        #expect(rows.first?.calls == 276 && duration.count == 276 && duration.totalNanoseconds == 17_196_679)
        #expect(duration.minimumNanoseconds == 9_273 && duration.maximumNanoseconds == 7_292_825)
        #expect(duration.selfNanoseconds < duration.totalNanoseconds, "interrupts came in between")
    }
}
