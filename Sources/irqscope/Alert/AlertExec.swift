internal import FilePlaces
internal import Glibc
internal import IRQCore
internal import KernelSource
internal import Rendering

/// Runs the program of `--exec` for changes of level.
///
/// It is started as it is, never through a shell: names of devices are arguments and variables, not code. It has a
/// process group of its own, standard input is /dev/null, and its output goes to standard error.
///
/// A change is told once a program has ended with status 0 for it. All others (it could not be started, was killed, took too
/// long, says that it failed) are told again by the next run: better twice than never.
struct AlertExec {
    /// The program and its first arguments.
    let words: [String]
    /// All runs together may take so long; what is left is killed.
    static let limitNanoseconds: UInt64 = 10_000_000_000
    /// One that hangs for a change leaves so much to the others.
    private static let reserveNanoseconds = limitNanoseconds / 2
    /// A process that waits for a device cannot be killed: it is not waited for any longer than this.
    private static let killNanoseconds: UInt64 = 1_000_000_000

    /// The reason why a program has not told a change.
    private enum Failure: Error {
        /// It could not be started; neither could others.
        case start(String)
        case run(String)
    }

    /// Runs it once for each finding.
    ///
    /// - Returns: the findings that it has told, and what went wrong with the others.
    func run(_ findings: [AlertFinding], clock: (UInt64) -> String) -> (told: [AlertFinding], problems: [String]) {
        // Whoever started us may have it ignored: then nobody learns how a program ended.
        signal(SIGCHLD, SIG_DFL)
        var told: [AlertFinding] = []
        var failures: [(words: String, count: Int)] = []
        func note(_ words: String, _ count: Int) {
            if let index = failures.firstIndex(where: { $0.words == words }) {
                failures[index].count += count
            } else {
                failures.append((words, count))
            }
        }
        let deadline = KernelClock.monotonic() &+ Self.limitNanoseconds
        for (index, finding) in findings.enumerated() {
            let left = findings.count - index
            guard KernelClock.monotonic() < deadline else {
                note("no time left", left)
                break
            }
            do throws(Failure) {
                let latest = left > 1 ? min(deadline, KernelClock.monotonic() &+ Self.reserveNanoseconds) : deadline
                try run(finding, clock, latest)
                told.append(finding)
            } catch {
                switch error {
                case .run(let words): note(words, 1)
                case .start(let words):
                    note(words, left)
                    return (told, problems(failures))
                }
            }
        }
        return (told, problems(failures))
    }

    private func problems(_ failures: [(words: String, count: Int)]) -> [String] {
        failures.map { words, count in
            let changes = count == 1 ? "1 change is" : "\(count) changes are"
            return "--exec \(self.words[0]): \(words); \(changes) told again by the next run"
        }
    }

    private func run(
        _ finding: AlertFinding, _ clock: (UInt64) -> String, _ deadline: UInt64
    ) throws(Failure) {
        let sentence = AlertSentence(finding, clock: clock)
        let subject = finding.subject
        let name = subject.label.isEmpty ? subject.cpu.map { "cpu\($0)" } ?? "" : subject.label
        let arguments = words + [finding.level.name, finding.key.verdict.name, name, sentence.line]
        let values: [(name: String, value: String)] = [
            ("LEVEL", finding.level.name), ("PREVIOUS_LEVEL", finding.previousLevel.name),
            ("VERDICT", finding.key.verdict.name), ("ASPECT", finding.key.aspect.name),
            ("IRQ", subject.irq.map(String.init) ?? ""), ("LABEL", SafeText.escaped(subject.label)),
            ("ACTION", SafeText.escaped(subject.action)), ("DEVICE", SafeText.escaped(subject.device)),
            ("CPU", subject.cpu.map(String.init) ?? ""),
            ("RATE", finding.evidence.perSecond.map { AlertNagios.number($0) } ?? ""), ("MESSAGE", sentence.line),
        ]
        let variables = Self.environment + values.map { "IRQSCOPE_\($0.name)=\($0.value)" }
        var pid: pid_t = 0
        let code = Self.spawn(&pid, arguments, variables)
        guard code == 0 else {
            let isNoProgram = [ENOENT, ENOTDIR, EACCES, EISDIR, ENOEXEC, ELOOP, ENAMETOOLONG].contains(code)
            throw .start(FilePlaceError(code).problem + (isNoProgram ? "; name a program that can be run" : ""))
        }
        try Self.wait(pid, deadline)
    }

    /// Waits for its end; kills it and its children at the deadline.
    private static func wait(_ pid: pid_t, _ deadline: UInt64) throws(Failure) {
        let begin = KernelClock.monotonic()
        guard let status = try status(of: pid, until: deadline) else {
            kill(-pid, SIGKILL)
            let seconds = (KernelClock.monotonic() - begin + 500_000_000) / 1_000_000_000
            let isKilled = try status(of: pid, until: KernelClock.monotonic() &+ killNanoseconds) != nil
            throw .run("it took more than \(seconds) s and \(isKilled ? "was" : "could not be") killed")
        }
        if status & 0x7F != 0 { throw .run("it was ended by signal \(status & 0x7F)") }
        let code = status >> 8 & 0xFF
        if code != 0 { throw .run("it ended with status \(code)") }
    }

    /// The status it ended with; nil if it still runs at the deadline.
    private static func status(of pid: pid_t, until deadline: UInt64) throws(Failure) -> Int32? {
        var status: Int32 = 0
        var pause: UInt32 = 500
        while true {
            let ended = unsafe waitpid(pid, &status, WNOHANG)
            if ended == pid { return status }
            if ended < 0, errno != EINTR { throw .run(FilePlaceError(errno).problem) }
            if KernelClock.monotonic() >= deadline { return nil }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
    }

    private static func spawn(_ pid: inout pid_t, _ arguments: [String], _ variables: [String]) -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        unsafe posix_spawn_file_actions_init(&actions)
        unsafe posix_spawnattr_init(&attributes)
        defer {
            unsafe posix_spawn_file_actions_destroy(&actions)
            unsafe posix_spawnattr_destroy(&attributes)
        }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, 2, 1)
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGPIPE)  // ignored here, which a program would inherit
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe sigemptyset(&signals)  // what is held back here would be held back there
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
        unsafe posix_spawnattr_setpgroup(&attributes, 0)
        // Copies that live until the program has started; a null pointer ends each list.
        var argv = unsafe arguments.map { unsafe strdup($0) } + [nil]
        var envp = unsafe variables.map { unsafe strdup($0) } + [nil]
        defer {
            for index in unsafe argv.indices { unsafe free(argv[index]) }
            for index in unsafe envp.indices { unsafe free(envp[index]) }
        }
        return unsafe posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    }

    /// This process's variables, but for those that are set anew.
    private static var environment: [String] {
        var result: [String] = []
        var place = unsafe environ
        while let entry = unsafe place.pointee {
            let text = unsafe String(cString: entry)
            if !text.hasPrefix("IRQSCOPE_") { result.append(text) }
            unsafe place += 1
        }
        return result
    }
}
