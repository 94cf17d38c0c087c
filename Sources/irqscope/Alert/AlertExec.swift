internal import Glibc
internal import IRQCore
internal import Rendering

/// Runs the program of `--exec` for changes of level.
///
/// It is started as it is, never through a shell: names of devices are arguments and variables, not code. It has a
/// process group of its own, standard input is /dev/null, and its output goes to standard error.
struct AlertExec {
    /// The program and its first arguments.
    let words: [String]
    /// All runs together may take so long; what is left is killed, and told again next time.
    static let limitNanoseconds: UInt64 = 10_000_000_000

    /// Runs it once for each finding.
    ///
    /// - Returns: the findings that it was run for, whatever its status; and what went wrong.
    func run(_ findings: [AlertFinding], clock: (UInt64) -> String) -> (told: [AlertFinding], problems: [String]) {
        var told: [AlertFinding] = []
        var problems: [String] = []
        let deadline = TopPlan.now() &+ Self.limitNanoseconds
        for finding in findings {
            guard TopPlan.now() < deadline else {
                problems.append(
                    "--exec \(words[0]): no time left; \(findings.count - told.count) changes wait for the next run")
                break
            }
            if let problem = run(finding, clock, deadline) { problems.append("--exec \(words[0]): \(problem)") }
            told.append(finding)
        }
        return (told, problems)
    }

    private func run(_ finding: AlertFinding, _ clock: (UInt64) -> String, _ deadline: UInt64) -> String? {
        let sentence = AlertSentence(finding, clock: clock)
        let subject = finding.subject
        let name = subject.label.isEmpty ? subject.cpu.map { "cpu\($0)" } ?? "" : subject.label
        let arguments = words + [finding.level.name, finding.key.verdict.name, name, sentence.line]
        let values = [
            ("LEVEL", finding.level.name), ("PREVIOUS_LEVEL", finding.previousLevel.name),
            ("VERDICT", finding.key.verdict.name), ("ASPECT", finding.key.aspect.name),
            ("IRQ", subject.irq.map { "\($0)" } ?? ""), ("LABEL", SafeText.escaped(subject.label)),
            ("ACTION", SafeText.escaped(subject.action)), ("DEVICE", SafeText.escaped(subject.device)),
            ("CPU", subject.cpu.map { "\($0)" } ?? ""),
            ("RATE", finding.evidence.perSecond.map { AlertNagios.number($0) } ?? ""), ("MESSAGE", sentence.line),
        ]
        let variables = Self.environment + values.map { "IRQSCOPE_\($0.0)=\($0.1)" }
        var pid: pid_t = 0
        let code = Self.spawn(&pid, arguments, variables)
        guard code == 0 else { return FileProblem(code).words + "; name a program that can be run" }
        return Self.wait(pid, deadline)
    }

    /// Waits for its end; kills it and its children at the deadline.
    private static func wait(_ pid: pid_t, _ deadline: UInt64) -> String? {
        var status: Int32 = 0
        var pause: UInt32 = 500
        while true {
            let ended = unsafe waitpid(pid, &status, WNOHANG)
            if ended == pid { break }
            if ended < 0, errno != EINTR { return FileProblem(errno).words }
            if TopPlan.now() >= deadline {
                kill(-pid, SIGKILL)
                unsafe waitpid(pid, &status, 0)
                return "it took more than \(limitNanoseconds / 1_000_000_000) s and was killed"
            }
            usleep(pause)
            pause = min(pause * 2, 20_000)
        }
        if status & 0x7F != 0 { return "it was ended by signal \(status & 0x7F)" }
        let code = status >> 8 & 0xFF
        return code == 0 ? nil : "it ended with status \(code)"
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
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF))
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
