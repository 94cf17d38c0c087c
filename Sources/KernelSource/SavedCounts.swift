internal import Glibc
public import IRQCore

/// Reads saved copies of /proc, and what `irqscope list --json` printed, for comparisons of counts.
public enum SavedCounts {
    /// The kinds of what a user may name.
    public enum Kind: Sendable {
        /// A directory with `interrupts`, or with `proc/interrupts` and perhaps `sys`.
        case directory
        /// A copy of /proc/interrupts.
        case table
        /// A copy of /proc/softirqs.
        case softirqs
        /// The output of `irqscope list --json`.
        case list
    }

    /// A saved list may have so many bytes.
    private static let listByteLimit = 64 << 20

    /// The kind of a snapshot; nil if `path` is something else.
    public static func kind(_ path: String) -> Kind? {
        if path == "-" { return nil }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        if status.st_mode & S_IFMT == S_IFDIR {
            let places = ["\(path)/interrupts", "\(path)/proc/interrupts"]
            return places.contains { unsafe access($0, F_OK) == 0 } ? .directory : nil
        }
        guard status.st_mode & S_IFMT == S_IFREG, let start = start(of: path) else { return nil }
        let words = String(decoding: start, as: UTF8.self)
        if words.drop(while: \.isWhitespace).first == "{" { return .list }
        let bytes = start.span
        guard unsafe CounterTable.begins(bytes.bytes, .interrupts) || CounterTable.begins(bytes.bytes, .softirqs)
        else { return nil }
        let labels = words.split(whereSeparator: \.isWhitespace).filter { $0.last == ":" }
        return labels.first.map { SoftirqNames.all.contains(String($0.dropLast())) } == true ? .softirqs : .table
    }

    private static func start(of path: String) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        // Inside of the array.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    /// Reads a snapshot.
    ///
    /// - Parameters:
    ///   - problems: gets what could not be read, a sentence each.
    ///   - cpus: those that count; nil is all.
    /// - Throws: `SourceError` if there are no counts.
    public static func read(
        _ path: String, _ kind: Kind, cpus: Set<Int>?, problems: inout [String]
    ) throws(SourceError) -> CountSnapshot {
        var snapshot = CountSnapshot(file: path, format: kind == .list ? "list" : "proc")
        if kind == .list {
            var text = TextBuffer(capacity: 64 << 10)
            try ProcFile.read(path, into: &text)
            guard text.byteCount <= listByteLimit, let document = JSONValue(text.bytes),
                snapshot.add(document, cpus: cpus)
            else { throw SourceError(path: path, reason: .notAList) }
            return snapshot
        }
        let box = Box(cpus: cpus.map { CPUSet(Array($0)) })
        var text = TextBuffer(capacity: 64 << 10)
        switch kind {
        case .table:
            try box.takeInterrupts { (sample: inout CounterSample) throws(SourceError) in
                try CounterFile.read(path, into: &sample, room: &text) { 0 }
            }
            LiveSource.addProblems(of: box.interrupts, path, to: &problems)
        case .softirqs:
            try box.takeSoftirqs { (sample: inout CounterSample) throws(SourceError) in
                try CounterFile.read(path, into: &sample, room: &text) { 0 }
            }
            LiveSource.addProblems(of: box.softirqs, path, to: &problems)
        case .directory, .list:
            let roots = KernelRoots(procRoot: path, sysRoot: nil)
            var live = LiveSource(roots)
            try live.sampleOnce(into: box)
            problems += box.problems
            snapshot.kernel = KernelRelease.text(roots)
            snapshot.uptimeNanoseconds = word("\(roots.proc)/uptime").flatMap(nanoseconds)
            snapshot.bootID = word("\(roots.proc)/sys/kernel/random/boot_id")
            snapshot.bootSeconds = bootSeconds("\(roots.proc)/stat")
        }
        snapshot.add(box)
        return snapshot
    }

    /// The first word of a file; nil if there is none.
    private static func word(_ path: String) -> String? {
        start(of: path).flatMap {
            String(decoding: $0, as: UTF8.self).split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
    }

    /// "4242.17": seconds with two decimals.
    private static func nanoseconds(_ text: String) -> UInt64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = parts.first.flatMap({ UInt64($0) }), whole < 1 << 33, parts.count <= 2 else { return nil }
        guard parts.count == 2 else { return whole * 1_000_000_000 }
        let digits = (parts[1] + "000000000").prefix(9)
        return UInt64(digits).map { whole * 1_000_000_000 + $0 }
    }

    private static func bootSeconds(_ path: String) -> UInt64? {
        var text = TextBuffer(capacity: 64 << 10)
        guard (try? ProcFile.read(path, into: &text)) != nil else { return nil }
        let bytes = text.bytes
        let lines = String(decoding: (0..<bytes.byteCount).map { bytes.byte(at: $0) ?? 0 }, as: UTF8.self)
            .split(separator: "\n")
        let line = lines.first { $0.hasPrefix("btime ") }
        return line.flatMap { UInt64($0.dropFirst(6)) }
    }
}
