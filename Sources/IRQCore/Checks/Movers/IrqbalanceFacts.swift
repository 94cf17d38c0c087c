/// The irqbalance that runs on a box: its options, and the settings it was started with.
struct IrqbalanceFacts {
    /// Its process.
    let pid: Int
    /// The words of its command line; nil if they cannot be read.
    let words: [String]?
    /// Its settings by name, and the file that has them; nil if neither its environment nor a file tells.
    let settings: [String: String]?
    /// The file that tells its settings: `proc/PID/environ` is what counts.
    let source: String
    /// The file that its settings are made in; nil if there is none to see.
    let file: String?
    /// The names of the settings that are made there.
    let namesInFile: Set<String>

    /// The files in which distributions set it.
    static let files = ["etc/sysconfig/irqbalance", "etc/default/irqbalance"]

    /// Finds it; nil if it does not run.
    ///
    /// - Throws: the reason why that cannot be told.
    init?(_ box: Examination) throws(Unjudged) {
        guard let found = try ProcessNames.pid(of: "irqbalance", box) else { return nil }
        pid = found
        words = box.text("proc/\(found)/cmdline").map { text in
            text.split { $0 == "\0" || $0 == " " }.map(String.init)
        }
        file = Self.files.first { box.text($0) != nil }
        namesInFile = Set(file.flatMap { box.text($0) }.map { Self.parse($0.split(separator: "\n")).keys } ?? [:].keys)
        if let text = box.text("proc/\(found)/environ") {
            settings = Self.parse(text.split(separator: "\0"))
            source = "proc/\(found)/environ"
        } else if let file, let text = box.text(file) {
            settings = Self.parse(text.split(separator: "\n"))
            source = file
        } else {
            (settings, source) = (nil, "proc/\(found)/environ")
        }
    }

    /// Reads `NAME=value`, with `export` in front or quotes around the value; comments are left out.
    static func parse(_ lines: [Substring]) -> [String: String] {
        var result: [String: String] = [:]
        for line in lines {
            var rest = line.trimmingBlanks[...]
            if rest.hasPrefix("export ") { rest = rest.dropFirst(7).trimmingBlanks[...] }
            guard !rest.hasPrefix("#"), let equals = rest.firstIndex(of: "=") else { continue }
            var value = rest[rest.index(after: equals)...].trimmingBlanks
            if value.count >= 2, let first = value.first, first == value.last, first == "\"" || first == "'" {
                value = String(value.dropFirst().dropLast())
            }
            result[String(rest[..<equals])] = value
        }
        return result
    }

    /// The options that a file gives it, where its own command line is not known.
    private var arguments: [String] {
        guard words == nil else { return [] }
        return (settings?["IRQBALANCE_ARGS"] ?? "").split(separator: " ").map(String.init)
    }

    /// True if it ran once and ended, or will.
    var isOneshot: Bool { ((words ?? []) + arguments).contains { $0 == "--oneshot" || $0 == "-o" } }

    private var options: IrqbalanceOptions { IrqbalanceOptions((words ?? []) + arguments) }

    /// True if a program of its own decides about lines, which nobody else can foresee.
    var hasPolicyScript: Bool { options.hasPolicyScript }

    /// True if it was told to leave a line alone.
    func isBanned(_ line: ExaminedLine) -> Bool {
        options.ban(
            line.irq, actions: line.details.actions ?? [], drivers: line.details.devices.compactMap(\.driver))
    }

    /// The advice to leave some lines alone.
    func banAdvice(_ lines: [ExaminedLine]) -> String {
        let drivers = Set(lines.compactMap { $0.device?.driver }).sorted()
        let options =
            drivers.isEmpty
            ? lines.prefix(8).map { "--banirq=\($0.irq)" }
            : drivers.prefix(4).map { "--banmod=\(ShellWord.quoted($0))" }
        let place = file ?? Self.files[1]
        return
            "# or keep it, and let it leave them alone: IRQBALANCE_ARGS=\"\(options.joined(separator: " "))\" in /\(place), then systemctl restart irqbalance"
    }
}

/// Processes by name.
enum ProcessNames {
    /// The number of a process of user space; nil if it does not run.
    ///
    /// - Throws: the reason why that cannot be told.
    static func pid(of name: String, _ box: Examination) throws(Unjudged) -> Int? {
        if let task = box.tasks(named: name).first { return task.process }
        // A copy may have little more of a process than its name.
        let known = Set((box.tasks ?? []).map(\.process))
        var isSeen = box.tasks != nil
        for entry in box.files.names("proc") ?? [] {
            guard let number = Int(entry), number > 0, !known.contains(number),
                let comm = box.text("proc/\(entry)/comm")
            else { continue }
            isSeen = true
            if comm == name { return number }
        }
        // There are processes then, but not those of the box.
        if box.isLive, isSeen, box.tasks?.contains(where: \.isKernel) != true {
            throw Unjudged("a container or hidepid= hides processes: whether \(name) runs is unknown")
        }
        guard isSeen else { throw Unjudged("no process can be seen in proc: whether \(name) runs is unknown") }
        return nil
    }

    /// True if a process runs; false if it does not, or nothing tells.
    static func runs(_ name: String, _ box: Examination) -> Bool {
        do throws(Unjudged) { return try pid(of: name, box) != nil } catch { return false }
    }
}
