import Foundation

/// A terminal of its own for one test: a tmux server with a shell in its only window.
public final class TestTerminal {
    /// What a wait did not get.
    public struct Timeout: Error, CustomStringConvertible {
        public let description: String
        public init(description: String) { self.description = description }
    }

    public static let isAvailable = TestSupport.program("tmux") != nil
    public static let reason = "tmux is not installed (make test-tools)"
    /// How long to wait for a screen: the machine may be busy with builds.
    public static let patience = 20.0

    private let socket = "irqscope-\(UUID().uuidString.prefix(13))"
    private let tmuxPath: String

    /// Opens a terminal with a shell that has no habits of its own.
    public init(columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]) throws {
        guard let tmuxPath = TestSupport.program("tmux") else { throw Timeout(description: Self.reason) }
        self.tmuxPath = tmuxPath
        let variables = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "TERM": "screen", "LANG": "C.UTF-8",
            "HOME": "/", "PS1": "prompt> ", "IRQSCOPE": Places.command.path,
        ].merging(environment) { $1 }
        let words = variables.filter { !$0.value.isEmpty }.map { "\($0.key)='\($0.value)'" }
        let python = TestSupport.program("python3") ?? "/usr/bin/python3"
        let server = [tmuxPath, "-u", "-L", socket, "-f", "/dev/null", "new-session"]
        let window = [
            "-d", "-x", String(columns), "-y", String(rows),
            "exec env -i \(words.sorted().joined(separator: " ")) bash --norc --noprofile",
        ]
        let result = try run(
            python, ["-c", Self.launcher] + server + window, environment: ["LC_ALL": "C.UTF-8", "TMUX": ""])
        guard result.status == 0 else { throw Timeout(description: result.errors) }
        try wait(for: "prompt>")
    }

    deinit { try? close() }

    /// Ends the terminal, and hangs up on what runs in it.
    public func close() throws { _ = try tmux("kill-server") }

    @discardableResult
    func tmux(_ arguments: String...) throws -> ProcessResult {
        try run(
            tmuxPath, ["-u", "-L", socket, "-f", "/dev/null"] + arguments,
            environment: ["LC_ALL": "C.UTF-8", "TMUX": ""])
    }

    /// The server stays, so it must not keep descriptors of this process (Foundation takes them for a sign of life), nor
    /// the signals that Foundation's threads hold back and Python ignores.
    public static let launcher = """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for number in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(number, signal.SIG_DFL)
        os.closerange(3, 65536)
        os.execv(sys.argv[1], sys.argv[1:])
        """

    /// Types a command line to the shell and starts it; `top` stands for the program.
    public func start(_ line: String) throws {
        try type("clear; " + line.replacingOccurrences(of: "@top", with: "\"$IRQSCOPE\" top") + "; echo status=$?")
        try press("Enter")
    }

    /// Presses keys by tmux's names: `Enter`, `F10`, `C-c`, `q`.
    public func press(_ keys: String...) throws {
        for key in keys { _ = try tmux("send-keys", key) }
    }

    /// Types text as it stands.
    public func type(_ text: String) throws { _ = try tmux("send-keys", "-l", text) }

    /// What is on the screen; with the escape sequences of colours and the like if asked for.
    public func screen(withStyles: Bool = false) throws -> String {
        try (withStyles ? tmux("capture-pane", "-p", "-e") : tmux("capture-pane", "-p")).text
    }

    /// A format of tmux about the window, such as `#{cursor_flag}`.
    public func property(_ format: String) throws -> String {
        try tmux("display-message", "-p", format).text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Changes the size.
    public func resize(columns: Int, rows: Int) throws {
        _ = try tmux("resize-window", "-x", String(columns), "-y", String(rows))
    }

    /// Waits until the screen contains all texts, and returns it. `meanwhile` is done before each look.
    @discardableResult
    public func wait(for texts: String..., meanwhile: () throws -> Void = {}) throws -> String {
        try wait("for \(texts)", meanwhile: meanwhile) { screen in texts.allSatisfy { screen.contains($0) } }
    }

    /// Waits until the screen is as wanted, and returns it.
    @discardableResult
    public func wait(
        _ what: String, meanwhile: () throws -> Void = {}, until isWanted: (String) -> Bool
    ) throws -> String {
        let end = Date().addingTimeInterval(Self.patience)
        var last = ""
        while Date() < end {
            try meanwhile()
            last = try screen()
            if isWanted(last) { return last }
            usleep(50_000)
        }
        throw Timeout(description: "waited \(what), got:\n\(last)")
    }

    /// The process that runs the program in this terminal; nil if there is none.
    public func programID() throws -> Int32? {
        let shell = try property("#{pane_pid}")
        return try TestSupport.shell("pgrep -P \(shell) -x irqscope").text.split(separator: "\n").first.flatMap { Int32($0) }
    }

    /// Waits for the process of the program and returns it.
    public func program() throws -> Int32 {
        let end = Date().addingTimeInterval(Self.patience)
        while Date() < end {
            if let id = try programID() { return id }
            usleep(50_000)
        }
        throw Timeout(description: "the program does not run:\n\(try screen())")
    }
}

/// Whether a process is there and not a zombie.
public func isRunning(_ id: Int32) -> Bool {
    guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return false }
    guard let end = text.lastIndex(of: ")") else { return false }
    return !text[end...].hasPrefix(") Z")
}

/// Waits until a process is gone; false if it is not.
public func waitForEnd(_ id: Int32, seconds: Double) -> Bool {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
        if !isRunning(id) { return true }
        usleep(20_000)
    }
    return !isRunning(id)
}

/// The CPU time that a process has used, in seconds.
public func cpuSeconds(_ id: Int32) throws -> Double {
    let text = try String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8)
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    return Double((UInt64(fields[12]) ?? 0) + (UInt64(fields[13]) ?? 0)) / Double(sysconf(Int32(_SC_CLK_TCK)))
}
