import Foundation
import TestSupport
import Testing

/// The ways out of `irqscope top`: the terminal is always put back, and nothing is left running.
@Suite(.enabled(if: TestTerminal.isAvailable, Comment(rawValue: TestTerminal.reason)))
struct TopEndingTests {
    /// Starts the program below something to come back to.
    static func start(_ terminal: TestTerminal) throws -> Int32 {
        try terminal.type("echo before-it")
        try terminal.press("Enter")
        try terminal.wait(for: "\nbefore-it")
        try terminal.type("\"$IRQSCOPE\" top -d 0.5; echo status=$?")
        try terminal.press("Enter")
        try terminal.wait(for: "IRQ   rate/s", "qQuit")
        #expect(try terminal.property("#{alternate_on} #{cursor_flag}") == "1 0")
        return try terminal.program()
    }

    /// The screen from before, the cursor, and the line discipline are back.
    static func expectRestored(_ terminal: TestTerminal, status: Int) throws {
        let screen = try terminal.wait(for: "status=\(status)")
        #expect(!screen.contains("rate/s") && screen.contains("before-it"))
        #expect(try terminal.property("#{alternate_on} #{cursor_flag} #{keypad_flag}") == "0 1 0")
        try expectModes(terminal)
    }

    static func expectModes(_ terminal: TestTerminal) throws {
        try terminal.type("stty -a | tr -s ' ;' '\\n' | grep -xE -- '-?(icanon|echo|isig|icrnl|opost)' | sort | xargs; echo end-of-modes")
        try terminal.press("Enter")
        // readline switches modes while it reads: what a command sees are the shell's.
        let screen = try terminal.wait(for: "\nend-of-modes")
        #expect(screen.contains("\necho icanon icrnl isig opost\n"), "\(screen)")
    }

    @Test(arguments: ["q", "Q", "F10", "C-c"])
    func keysQuit(key: String) throws {
        let terminal = try TestTerminal()
        let id = try Self.start(terminal)
        try terminal.press(key)
        try Self.expectRestored(terminal, status: 0)
        #expect(!isRunning(id))
    }

    /// All but SIGPIPE; of the real-time ones the first and the last.
    static let endingSignals: [Int32] = [
        SIGTERM, SIGHUP, SIGINT, SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGTRAP, SIGFPE, SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM,
        SIGPROF, SIGXCPU, SIGXFSZ, SIGIO, SIGPWR, SIGSYS, SIGSTKFLT, SIGQUIT, 34, 64,
    ]

    @Test(arguments: endingSignals)
    func signalsEndItAndTheTerminalIsBack(number: Int32) throws {
        let status = number == SIGINT ? 0 : 128 + Int(number)
        let terminal = try TestTerminal()
        kill(try Self.start(terminal), number)
        try Self.expectRestored(terminal, status: status)
    }

    @Test func crashOnAnOldTerminalSendsNoDelays() throws {
        let terminal = try TestTerminal()
        try terminal.start("TERM=vt100 @top -d 0.5")
        try terminal.wait(for: "IRQ   rate/s")
        kill(try terminal.program(), SIGSEGV)
        #expect(!(try terminal.wait(for: "status=139")).contains("$<"))
        try Self.expectModes(terminal)
    }

    @Test func stopsAndGoesOn() throws {
        let terminal = try TestTerminal()
        let id = try Self.start(terminal)
        for _ in 0..<2 {
            try terminal.press("C-z")
            try terminal.wait(for: "Stopped", "before-it")
            #expect(try terminal.property("#{alternate_on} #{cursor_flag}") == "0 1")
            try Self.expectModes(terminal)
            #expect(isRunning(id))
            // Resized meanwhile: the size is asked for anew.
            try terminal.resize(columns: 100, rows: 20)
            try terminal.type("fg")
            try terminal.press("Enter")
            // Back on the alternate screen: what was there before may look the same.
            let screen = try terminal.wait("for fg") { screen in
                screen.contains("qQuit") && !screen.contains("Stopped")
                    && (try? terminal.property("#{alternate_on} #{cursor_flag}")) == "1 0"
            }
            #expect(screen.components(separatedBy: "\n").dropLast().count == 20)
        }
        try terminal.press("q")
        #expect(waitForEnd(id, seconds: 10))
        try terminal.type("clear; echo status=$?")
        try terminal.press("Enter")
        try terminal.wait(for: "\nprompt>")
        #expect(try terminal.property("#{alternate_on} #{cursor_flag}") == "0 1")
        try Self.expectModes(terminal)
    }

    @Test func killedTerminalEndsIt() throws {
        let terminal = try TestTerminal()
        let id = try Self.start(terminal)
        try terminal.close()
        #expect(waitForEnd(id, seconds: 3))
    }

    /// No SIGHUP reaches a process of another session: it must notice by itself, and not spin.
    @Test func lostTerminalEndsItWithoutASignal() throws {
        let terminal = try TestTerminal()
        try terminal.type("setsid -f \"$IRQSCOPE\" top -d 100")
        try terminal.press("Enter")
        try terminal.wait(for: "IRQ   rate/s", "every 100.0 s")
        let device = try terminal.property("#{pane_tty}").replacingOccurrences(of: "/dev/", with: "")
        let found = try shell(
            "for p in /proc/[0-9]*; do [ \"$(readlink $p/fd/0)\" = /dev/\(device) ] && "
                + "[ \"$(cat $p/comm)\" = irqscope ] && echo ${p#/proc/}; done")
        let id = try #require(Int32(found.text.trimmingCharacters(in: .whitespacesAndNewlines)))
        defer { if isRunning(id) { kill(id, SIGKILL) } }
        try terminal.close()
        #expect(waitForEnd(id, seconds: 5))
    }

    /// Idle, with or without keys, it uses next to no CPU time.
    @Test func waitingCostsNothing() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 100")
        try terminal.wait(for: "IRQ   rate/s", "every 100.0 s")
        let id = try terminal.program()
        usleep(500_000)  // past the early first rates
        let before = try cpuSeconds(id)
        usleep(1_500_000)
        #expect(try cpuSeconds(id) - before < 0.2)
        // Not SIGSTOP: the shell may notice that, and take the terminal back.
        kill(id, SIGWINCH)
        try terminal.press("q")
        try terminal.wait(for: "status=0")
    }

    /// Without a terminal on standard input there are no keys: it is the batch, and ends when told.
    @Test func noKeyboardIsTheBatch() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 -n 2 < /dev/null")
        let screen = try terminal.wait(for: "status=0")
        #expect(screen.contains("TIMER"))
        #expect(try terminal.property("#{alternate_on}") == "0")
        try terminal.start("@top -d 0.2 -n 1 <&-")
        try terminal.wait(for: "status=0", "TIMER")
    }

    @Test func intervalsCanBeCounted() throws {
        let terminal = try TestTerminal()
        try terminal.start("@top -d 0.2 -n 3")
        try terminal.wait(for: "status=0")
        #expect(try terminal.property("#{alternate_on}") == "0")
    }
}
