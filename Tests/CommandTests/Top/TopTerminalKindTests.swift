import Foundation
import TestSupport
import Testing

/// `irqscope top` on terminals of all sizes and kinds.
@Suite(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason)))
struct TopTerminalKindTests {
    @Test func sizesChangeUnderway() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.5 --no-trace")
        try terminal.wait(for: "IRQ   rate/s", "kind", "device", "qQuit")
        func show(_ columns: Int, _ rows: Int, _ parts: [String], not absent: [String]) throws {
            try terminal.resize(columns: columns, rows: rows)
            let screen = try terminal.wait("for \(columns)x\(rows)") { screen in
                let lines = screen.components(separatedBy: "\n").dropLast()
                return lines.count == rows && parts.allSatisfy { screen.contains($0) }
                    && absent.allSatisfy { !screen.contains($0) } && lines.last?.hasPrefix("F1Help") == true
            }
            let lines = screen.components(separatedBy: "\n")
            #expect(lines[0].hasPrefix("irqscope"))
            // The way out is always on the screen, and no number is cut at the edge.
            #expect(lines[rows - 1].contains("qQuit"))
            #expect(!lines[1].hasSuffix("."))
        }
        try show(60, 12, ["IRQ   rate/s", "affinity", "name"], not: ["device"])
        try show(180, 50, ["history", "effective", "device", "by rate"], not: [])
        try show(20, 5, ["IRQ   rate/s"], not: ["affinity"])
        try show(80, 24, ["kind", "device", "by rate"], not: ["history"])
        try terminal.press("3")
        try show(40, 6, ["softirq/s"], not: [])
        try terminal.press("1", "Enter")
        try terminal.wait(for: "Interrupt ")
        try show(30, 8, ["Interrupt "], not: [])
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    @Test(arguments: ["vt100", "xterm-256color", "linux", "tmux-256color"])
    func terminalTypes(name: String) throws {
        if try shell("infocmp '\(name)'").status != 0 {
            // Of single cases that are cancelled nothing is printed.
            print("➜ Test terminalTypes(name:) skipped: this machine's terminfo has no \(name)")
            try Test.cancel()
        }
        let terminal = try TestTerminal()
        try terminal.start("TERM=\(name) @top -d 0.5")
        try terminal.wait(for: "IRQ   rate/s", "LOC", "qQuit")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    /// It cannot move its cursor: what is left is text, one interval after the other.
    @Test func dumbTerminalGetsText() throws {
        let terminal = try TestTerminal()
        try terminal.start("TERM=dumb @top -n 1 -d 0.2 --irq 0-100000")
        let screen = try terminal.wait(for: "status=0")
        #expect(screen.contains("rate/s") && !screen.contains("F1Help"))
    }

    @Test(arguments: ["unknown", "no-such-terminal"])
    func terminalsThatCannotShowIt(name: String) throws {
        let terminal = try TestTerminal()
        try terminal.start("TERM=\(name) @top -d 0.5")
        let screen = try terminal.wait(for: "status=1")
        let text = screen.replacingOccurrences(of: "\n", with: "")
        #expect(text.contains("irqscope: the terminal '\(name)'") && text.contains("irqscope top -b"))
        #expect(!screen.contains("rate/s"))
        // The shell still edits and echoes.
        try terminal.type("stty -a | grep -o ' .echo '; echo same")
        try terminal.press("Enter")
        try terminal.wait(for: "\nsame")
        #expect(!(try terminal.screen()).contains("-echo "))
    }

    @Test(arguments: ["LANG=C", "LANG=POSIX", "LC_ALL=C LANG=C.UTF-8", "LANG="])
    func plainLocalesGetASCII(variables: String) throws {
        let proc = try FakeProc.small()
        proc.rows[0].tail = "PCI-MSIX-0000:00:02.0   1-edge      gerät-µ-中"
        try proc.publish()
        let terminal = try TestTerminal()
        try terminal.start("\(variables) @top -d 0.2 --proc-root \(proc.root)")
        try terminal.wait(for: "IRQ   rate/s", "9.", "ger?t-?-?") {
            proc.count("41", [0: 300])
            try proc.publish()
        }
        for key in ["2", "3", "1", "Enter", "?"] {
            try terminal.press(key)
            usleep(300_000)
            #expect(try terminal.screen().utf8.allSatisfy { $0 == 0x0A || (0x20...0x7E).contains($0) })
        }
    }

    /// Its fonts have no eighths of blocks: those that they lack would be drawn as a diamond.
    @Test func consoleGetsWhatItsFontsHave() throws {
        guard try shell("infocmp linux").status == 0 else {
            print("➜ Test consoleGetsWhatItsFontsHave() skipped: this machine's terminfo has no linux")
            try Test.cancel()
        }
        let proc = try FakeProc.small()
        try proc.publish()
        let terminal = try TestTerminal(columns: 60, rows: 20)
        try terminal.start("TERM=linux LANG=C.UTF-8 @top -d 0.2 --proc-root \(proc.root)")
        func tick() throws {
            proc.count("41", [0: 300])
            proc.count("LOC", [0: 100, 1: 50])
            try proc.publish()
        }
        try terminal.wait(for: "█▒", "█·", meanwhile: tick)
        for key in ["2", "3", "Enter", "1", "Enter", "?"] {
            try terminal.press(key)
            usleep(300_000)
            try tick()
            let beyond = try terminal.screen().unicodeScalars.filter { $0.value > 0xFF }
            #expect(Set(beyond).subtracting("█▒░↑↓←→".unicodeScalars) == [])
        }
    }

    /// ssh brings the name of a locale along that this machine may not have.
    @Test(arguments: ["LANG=C.UTF-8", "LANG=xx_XX.UTF-8", "LC_CTYPE=zz_ZZ.utf8 LANG=C"])
    func unicodeLocalesGetBlocks(variables: String) throws {
        let proc = try FakeProc.small()
        proc.rows[0].tail = "PCI-MSIX-0000:00:02.0   1-edge      gerät"
        try proc.publish()
        let terminal = try TestTerminal()
        try terminal.start("\(variables) @top -d 0.2 --proc-root \(proc.root)")
        try terminal.wait(for: "gerät", "█", "·") {
            proc.count("41", [0: 300])
            try proc.publish()
        }
    }

    /// SGR 30…37, 40…47, 90…107, 38 and 48 choose colours.
    static func colors(_ screen: String) -> [String] {
        screen.components(separatedBy: "\u{1B}[").dropFirst().flatMap { part in
            part.prefix { $0.isNumber || $0 == ";" }.split(separator: ";").compactMap { code -> String? in
                guard let number = Int(code), (30...38).contains(number) || (40...48).contains(number) || number >= 90
                else { return nil }
                return String(number)
            }
        }
    }

    @Test(arguments: [
        ("", "", true), ("NO_COLOR=1", "", false), ("NO_COLOR=", "", true), ("", "--color never", false),
        ("NO_COLOR=1", "--color always", true), ("TERM=vt100", "--color always", false),
    ])
    func colors(variables: String, options: String, isColored: Bool) throws {
        let terminal = try TestTerminal()
        try terminal.start("\(variables) @top -d 0.5 \(options)")
        try terminal.wait(for: "IRQ   rate/s", "qQuit", "LOC")
        let screen = try terminal.screen(withStyles: true)
        #expect(Self.colors(screen).isEmpty == !isColored, "\(Self.colors(screen))")
        // The cursor's row and the keys are to be seen without colours too.
        #expect(screen.contains("\u{1B}["))
    }
}
