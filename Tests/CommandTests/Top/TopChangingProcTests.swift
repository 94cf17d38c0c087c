import Foundation
import TestSupport
import Testing

/// What the screen says of a /proc that changes, breaks, and comes back.
@Suite(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason)))
struct TopChangingProcTests {
    @Test func aStormIsMarkedAndANewRowIsNew() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 --proc-root \(proc.root)")
        try terminal.wait(for: "disk0")
        usleep(2_000_000)  // a quiet past
        try terminal.wait(
            "for the mark of a sudden rate",
            meanwhile: {
                proc.count("36", [0: 900_000])
                try proc.publish()
            }
        ) { TopTerminalTests.cells($0, "36").contains("S") }
        proc.add("77", "PCI-MSIX-0000:00:07.0   1-edge      late0")
        try proc.publish()
        try terminal.press("+", "+", "+")
        try terminal.wait("for the new row, not for its total since boot") {
            ["new", "0"].contains(TopTerminalTests.cells($0, "77").dropFirst().first)
        }
    }

    @Test func brokenFilesAreToldAndForgotten() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal(columns: 240)
        try terminal.start("@top -d 0.2 --proc-root \(proc.root)")
        try terminal.wait(for: "disk0")
        try proc.remove("interrupts")
        try terminal.wait(for: "No such file or directory; check --proc-root", "interrupts -/s")
        for bad in ["", "\u{1B}[2J\u{0}\u{1}binary\n"] {
            try proc.write("interrupts", Data(bad.utf8))
            try terminal.wait(for: "save it again in one go", "interrupts -/s")
        }
        try proc.write("interrupts", Data(proc.interrupts.utf8.prefix(proc.interrupts.utf8.count / 2)))
        try terminal.wait(for: "left out; save or read it again")
        try proc.publish()
        try terminal.wait("for all to be well") { $0.contains("interrupts 0/s") && !$0.contains("/interrupts") && $0.contains("LOC") }
        proc.cpus = [0]
        try proc.publish()
        try terminal.wait(for: "1 CPU  ")
        proc.cpus = [0, 1]
        try proc.publish()
        try terminal.wait(for: "2 CPUs", "interrupts 0/s")
    }

    @Test func namesNeverReachTheTerminalRaw() throws {
        let proc = try FakeProc.small()
        proc.rows[0].tail = "PCI-MSIX-0000:00:02.0   1-edge      a\u{1B}[2J\u{1B}]0;owned\u{07}\u{9B}31mz"
        proc.rows[1].label = "\u{1B}c"
        try proc.publish()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 --proc-root \(proc.root)")
        try terminal.wait(for: "a?[2J", "LOC", "qQuit")
        #expect(try terminal.property("#{pane_title}") != "owned")
        try terminal.press("N", "Enter")
        try terminal.wait(for: "Interrupt 36  a?[2J")
    }
}
