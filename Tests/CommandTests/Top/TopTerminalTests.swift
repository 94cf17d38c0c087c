import Foundation
import TestSupport
import Testing

/// `irqscope top` in a real terminal (tmux), as its user sees it: the screens.
@Suite(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason)))
struct TopTerminalTests {
    /// Lines between the title of a table and the foot.
    static func labels(_ screen: String) -> [String] {
        let lines = screen.components(separatedBy: "\n")
        guard let title = lines.firstIndex(where: { $0.contains("rate/s") }) else { return [] }
        return lines[(title + 1)...].prefix { !$0.hasPrefix("F1") && !$0.hasPrefix("Filter:") }
            .compactMap { $0.split(separator: " ").first.map { String($0) } }
    }

    static func cells(_ screen: String, _ label: String) -> [String] {
        for line in screen.components(separatedBy: "\n") {
            let cells = line.split(separator: " ").map { String($0) }
            if cells.first == label { return cells }
        }
        return []
    }

    // MARK: Views

    @Test func eachViewHasItsKey() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.5")
        let screen = try terminal.wait(for: "irqscope", "IRQ   rate/s", "LOC", "every 0.5 s", "F1Help", "by rate")
        #expect(screen.contains("interrupts ") && screen.contains("softirqs ") && screen.contains("own "))
        try terminal.press("2")
        try terminal.wait(for: "softirq     rate/s", "TIMER", "NET_RX", "RCU")
        try terminal.press("3")
        try terminal.wait(for: "CPU    irq/s softirq/s", "most from")
        try terminal.press("Tab")
        try terminal.wait(for: "PID task", "wakemax", "tasks are not followed")
        try terminal.press("Tab")
        try terminal.wait(for: "IRQ   rate/s")
        try terminal.press("F1")
        try terminal.wait(for: "Keys", "filter as you type", "Up Down")
        try terminal.press("End")
        try terminal.wait(for: "Marks", "irqscope-top(1)")
        try terminal.press("Escape")
        try terminal.wait(for: "IRQ   rate/s")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    @Test func detailTellsWhatIsKnown() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 --sort irq --proc-root \(proc.root)")
        try terminal.wait(for: "disk0", "net0-rx")
        try terminal.press("j", "Enter")
        try terminal.wait(for: "Interrupt 41  net0-rx", "PCI-MSIX-0000:00:04.0", "MSI-X, hwirq 1, edge", "since boot") {
            proc.count("41", [1: 100])
            try proc.publish()
        }
        try terminal.wait(for: "CPU1", "100.0%", "CPU0") {
            proc.count("41", [1: 100])
            try proc.publish()
        }
        // Help, and back to where it was asked for.
        try terminal.press("?")
        try terminal.wait(for: "Keys")
        try terminal.press("Escape")
        try terminal.wait(for: "Interrupt 41  net0-rx")
        try terminal.press("Escape")
        try terminal.wait(for: "IRQ   rate/s")
        // The cursor is still on the row.
        try terminal.press("Enter")
        try terminal.wait(for: "Interrupt 41")
        proc.rows.removeAll { $0.label == "41" }
        try proc.publish()
        try terminal.wait(for: "This interrupt is gone. Esc goes back.")
        try terminal.press("Escape", "F10")
        try terminal.wait(for: "status=0")
    }

    /// What `affinity plan` would print for the row's device; nothing is written.
    @Test func planOfARow() throws {
        let masks = "cat /proc/irq/*/smp_affinity_list"
        try LiveMachine.use {
            let before = try shell(masks).text
            try lookAtPlans()
            #expect(try shell(masks).text == before)
        }
    }

    private func lookAtPlans() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.5 --sort irq --filter '^(virtio|eth|nvme|ahci|xhci|ACPI|acpi|timer|rtc)'")
        try terminal.wait(for: "IRQ   rate/s", "by irq")
        try terminal.press("a")
        try terminal.wait(for: "irqscope affinity plan", "CPUs allowed (", "EscBack")
        try terminal.press("Escape")
        try terminal.wait(for: "IRQ   rate/s")
        // From the page of an interrupt, and back there; of a row without a mask the reason.
        try terminal.press("Enter")
        try terminal.wait(for: "Interrupt ")
        try terminal.press("a")
        try terminal.wait(for: "irqscope affinity plan")
        try terminal.press("Escape")
        try terminal.wait(for: "Interrupt ")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    /// A copy is planned by its own files, and a row without a mask has no plan.
    @Test func planOfARowOfACopy() throws {
        let box = Places.fixtures.appendingPathComponent("doctor/acpi-gpe").path
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.5 --sort irq --proc-root \(box)/proc --sys-root \(box)/sys")
        try terminal.wait(for: "IRQ   rate/s", "acpi")
        try terminal.press("a")
        try terminal.wait(for: "irqscope affinity plan spread --device i8042", "nothing to do; 4 CPUs allowed (0-3)")
        try terminal.press("Escape", "End", "a")
        try terminal.wait(for: "It has no mask: the kernel alone decides which CPUs it comes to.")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    @Test func pagesOfCPUsAndSoftirqs() throws {
        let proc = try FakeProc(cpus: Array(0..<48))
        proc.add("36", "PCI-MSIX-0000:00:02.0   1-edge      disk0")
        proc.add("41", "PCI-MSIX-0000:00:03.0   1-edge      net0")
        try proc.publish()
        let terminal = try TestTerminal(columns: 80, rows: 20)
        try terminal.start("@top -d 0.2 --proc-root \(proc.root)")
        func tick() throws {
            proc.count("36", [7: 10, 31: 5])
            proc.count("41", [31: 300])
            try proc.publish()
        }
        try terminal.wait(for: "disk0")
        try terminal.press("3")
        try terminal.wait(for: "by number", meanwhile: tick)
        // The busiest first, then another one by its number.
        try terminal.press("P")
        try terminal.wait("for CPU 31 before CPU 7", meanwhile: tick) { screen in
            let cpus = screen.components(separatedBy: "\n").compactMap { $0.split(separator: " ").first.map { String($0) } }
            guard let title = cpus.firstIndex(of: "CPU") else { return false }
            return cpus[(title + 1)...].starts(with: ["31", "7"]) && screen.contains("by irq/s")
        }
        try terminal.type("/47")
        try terminal.wait(for: "CPU: 47_", "   47 ")
        try terminal.type("9")
        try terminal.wait(for: "CPU: 479_", "it is not among those shown")
        try terminal.press("Escape", "#")
        try terminal.type("31")
        try terminal.press("Enter", "Enter")
        try terminal.wait("for what CPU 31 serves", meanwhile: tick) { screen in
            let labels = screen.components(separatedBy: "\n").filter { $0.contains("disk0") || $0.contains("net0") }
            return screen.contains("CPU 31\n") && labels.count == 2 && labels[0].contains("net0") && labels[0].contains("98.4%")
        }
        try terminal.press("Escape")
        try terminal.wait(for: "by irq/s")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    @Test func endOfHelpIsItsLastPage() throws {
        let terminal = try TestTerminal(columns: 80, rows: 12)
        try terminal.start("@top -d 30")
        try terminal.wait(for: "IRQ   rate/s")
        try terminal.press("?")
        try terminal.wait(for: "Keys")
        try terminal.press("End")
        // No sample redraws it: the interval is long.
        try terminal.wait(for: "irqscope-top(1)", "U  some were")
        try terminal.press("Home")
        try terminal.wait(for: "Keys")
    }

    // MARK: Order, filter, idle rows

    @Test func sortKeysOrderTheRows() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 --proc-root \(proc.root)")
        func tick() throws {
            proc.count("36", [0: 10])
            proc.count("41", [0: 300])
            proc.count("LOC", [0: 100, 1: 50])
            try proc.publish()
        }
        func wait(_ order: [String], _ title: String) throws {
            try terminal.wait("for \(title), \(order)", meanwhile: tick) {
                $0.contains(title) && Self.labels($0) == order
            }
        }
        try wait(["41", "LOC", "36"], "by rate")
        try terminal.press("r")
        try wait(["36", "LOC", "41"], "by rate↑")
        try terminal.press("N")
        try wait(["36", "41", "LOC"], "by irq")
        try terminal.press("N")
        try wait(["LOC", "41", "36"], "by irq↑")
        try terminal.press("F6")
        try terminal.wait(for: "by total", meanwhile: tick)
        try terminal.press(">")
        try wait(["LOC", "36", "41"], "by name")
        try terminal.press("<", "<", "<")
        try wait(["41", "LOC", "36"], "by rate")
    }

    @Test func filterWorksAsItIsTyped() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 20 --sort irq --proc-root \(proc.root)")
        try terminal.wait(for: "disk0")
        func wait(_ labels: [String], _ text: String) throws {
            try terminal.wait("for \(labels)") { Self.labels($0) == labels && $0.contains(text) }
        }
        try terminal.press("F4")
        try terminal.wait(for: "Filter: _", "Enter keeps it, Esc clears it")
        try terminal.type("NE")
        try wait(["41"], "Filter: NE_")
        try terminal.press("BSpace", "BSpace")
        try wait(["36", "41", "LOC"], "Filter: _")
        try terminal.type("qtimer")  // keys of commands are letters of the filter
        try terminal.wait(for: "nothing matches the filter")
        for _ in 0..<6 { try terminal.press("BSpace") }
        try terminal.type("timer")
        try terminal.press("Enter")
        try wait(["LOC"], "filter: timer")
        try terminal.press("Escape")
        try wait(["36", "41", "LOC"], "F1Help")
        // Typed at once: Enter opens the row that is left, not the one that was first before.
        try terminal.type("/net")
        try terminal.press("Enter", "Enter")
        try terminal.wait(for: "Interrupt 41")
        // On a page of an interrupt it filters interrupts, and among softirqs those.
        try terminal.press("/")
        try terminal.wait(for: "IRQ   rate/s", "Filter: net_")
        try terminal.press("Enter", "2", "/")
        try terminal.wait(for: "softirq     rate/s", "Filter: _")
        try terminal.press("Escape", "1", "Escape")
        try wait(["36", "41", "LOC"], "F1Help")
    }

    @Test func idleRowsHide() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 --proc-root \(proc.root)")
        func tick() throws {
            proc.count("41", [0: 300])
            try proc.publish()
        }
        try terminal.wait("for all rows", meanwhile: tick) { Set(Self.labels($0)) == ["36", "41", "LOC"] }
        try terminal.press("z")
        try terminal.wait("for the busy row", meanwhile: tick) { Self.labels($0) == ["41"] }
        try terminal.press("z")
        try terminal.wait("for all rows", meanwhile: tick) { Set(Self.labels($0)) == ["36", "41", "LOC"] }
    }

    @Test func freezeHoldsTheNumbers() throws {
        let proc = try FakeProc.small()
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.1 --proc-root \(proc.root)")
        func tick() throws {
            proc.count("41", [0: 300])
            try proc.publish()
        }
        try terminal.wait("for a rate", meanwhile: tick) { (Self.cells($0, "41").dropFirst().first ?? "0").hasSuffix("k") }
        try terminal.press("Space")
        let frozen = try terminal.wait(for: "FROZEN since", "Go on")
        let head = frozen.prefix { $0 != "\n" }
        // Ten intervals without an interrupt: a running screen would say 0.
        usleep(1_000_000)
        let later = try terminal.screen()
        #expect(Self.cells(later, "41") == Self.cells(frozen, "41"))
        // The clock stands, and says since when.
        let times = head.matches(of: /[0-9]{2}:[0-9]{2}:[0-9]{2}/).map(\.output)
        #expect(times.count == 2 && times.first == times.last && later.hasPrefix(head))
        try terminal.press("Space")
        try terminal.wait("for the rate of nothing") {
            !$0.contains("FROZEN") && Self.cells($0, "41").dropFirst().first == "0"
        }
    }

    @Test func intervalGoesUpAndDown() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top")
        try terminal.wait(for: "every 1.0 s")
        try terminal.press("+")
        try terminal.wait(for: "every 2.0 s")
        try terminal.press("F8")
        try terminal.wait(for: "every 5.0 s")
        for _ in 0..<9 { try terminal.press("-") }
        try terminal.wait(for: "every 0.1 s")
        for _ in 0..<12 { try terminal.press("+") }
        try terminal.wait(for: "every 60.0 s")
        try terminal.press("F7")
        try terminal.wait(for: "every 50.0 s")
    }

    // MARK: Strip

    @Test func stripFoldsAndScrolls() throws {
        let proc = try FakeProc(cpus: Array(0..<48))
        proc.add("36", "PCI-MSIX-0000:00:02.0   1-edge      disk0")
        proc.add("LOC", "Local timer interrupts")
        try proc.publish()
        let terminal = try TestTerminal(columns: 80, rows: 10)
        try terminal.start("@top -d 0.3 --proc-root \(proc.root)")
        try terminal.wait(for: "CPU0-47", "48 CPUs")
        try terminal.press("f")
        try terminal.wait(for: "CPU0-15")
        try terminal.press("Right")
        try terminal.wait(for: "CPU8-23")
        for _ in 0..<8 { try terminal.press("Right") }
        try terminal.wait(for: "CPU32-47")
        // At the end one key is enough to go back.
        try terminal.press("Left")
        try terminal.wait(for: "CPU24-39")
        try terminal.wait(for: "█") {
            proc.count("36", [24: 100])
            try proc.publish()
        }
        try terminal.press("f")
        try terminal.wait(for: "CPU0-47")
    }
}
