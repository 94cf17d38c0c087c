internal import CLinux
internal import Glibc
internal import IRQCore

/// The files of the running kernel.
final class RunningFiles: KernelFiles {
    /// The kernel's log, read once.
    private var log: FileAnswer?
    /// More names of a directory are not read, of a running box and of a copy: /proc/irq has one for each line.
    static let nameLimit = 4_194_304
    private var text = TextBuffer(capacity: 64 << 10)

    /// The folder above proc and sys.
    private let root: String
    /// Reads what drivers answer.
    let bounded = BoundedReader()

    /// Creates a view; nothing is read yet.
    ///
    /// - Parameter root: ends with a `/`; other than that only in tests.
    init(root: String = "/") { self.root = root }

    /// True for files that a device's driver answers: it may ask the device, or wait for a lock that another driver holds.
    private static func isAnsweredByDriver(_ path: String) -> Bool {
        guard path.hasPrefix("sys/") else { return false }
        let rest = path.dropFirst(4)
        guard driverFolders.contains(where: { rest.hasPrefix($0) }) else { return false }
        // The bus itself answers these, from memory.
        if rest.hasPrefix("bus/"), let slash = rest.lastIndex(of: "/") {
            return !busFiles.contains(rest[rest.index(after: slash)...]) && !rest.contains("/msi_irqs/")
        }
        return true
    }

    private static let driverFolders = [
        "class/net/", "class/block/", "block/", "class/thermal/", "class/hwmon/", "class/infiniband/", "bus/",
        "devices/virtual/thermal/",
    ]
    private static let busFiles: Set<Substring> = [
        "class", "vendor", "device", "irq", "numa_node", "local_cpulist", "uevent", "modalias", "msi_bus",
    ]

    func read(_ path: String) -> FileAnswer {
        if path == "dmesg" {
            let answer = log ?? KernelLog.read()
            log = answer
            return answer
        }
        if Self.isAnsweredByDriver(path) { return bounded.read(root + path) }
        do throws(SourceError) {
            try ProcFile.read(root + path, into: &text)
        } catch {
            return FileAnswer(error)
        }
        return FileAnswer(text)
    }

    func names(_ path: String) -> [String]? {
        Folder(path: root + path)?.names(limit: Self.nameLimit).map { NameOrder.sorted($0.names) }
    }

    func link(_ path: String) -> String? {
        guard let slash = path.lastIndex(of: "/") else { return nil }
        return Folder(path: root + path[..<slash])?.link(String(path[path.index(after: slash)...]))
    }

    func mode(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(root + path, &status) == 0 ? Int(status.st_mode & 0o777) : nil
    }
}

/// Some files as they were at one time.
final class SampledFiles: KernelFiles {
    private var answers: [String: FileAnswer] = [:]
    private let files: any KernelFiles

    /// Reads the files that fit the patterns, in which `*` stands for any name in a directory.
    init(_ files: any KernelFiles, patterns: [String]) {
        self.files = files
        for pattern in patterns { sample(pattern[...], below: "") }
    }

    /// Adds the stat files of processes, and of threads where a process has several.
    func sampleTasks() {
        var threadCount = 0
        for name in files.names("proc") ?? [] where Int(name) != nil {
            let answer = files.read("proc/\(name)/stat")
            answers["proc/\(name)/stat"] = answer
            guard threadCount < 4_096, let threads = files.names("proc/\(name)/task"), threads.count > 1 else {
                continue
            }
            for thread in threads.prefix(4_096 - threadCount) {
                threadCount += 1
                answers["proc/\(name)/task/\(thread)/stat"] = files.read("proc/\(name)/task/\(thread)/stat")
            }
        }
    }

    private func sample(_ pattern: Substring, below folder: String) {
        guard let star = pattern.firstIndex(of: "*") else {
            let path = folder + pattern
            answers[path] = files.read(path)
            return
        }
        // `*` may be a part of a name: `cpu*/cpuidle`.
        let head = pattern[..<star]
        let slash = head.lastIndex(of: "/").map { pattern.index(after: $0) } ?? pattern.startIndex
        let parent = folder + pattern[..<slash]
        let prefix = pattern[slash..<star]
        let rest = pattern[pattern.index(after: star)...]
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        let suffix = rest[..<end]
        let trimmed = parent.hasSuffix("/") ? String(parent.dropLast()) : parent
        for name in files.names(trimmed) ?? []
        where name.count >= prefix.count + suffix.count && name.hasPrefix(prefix) && name.hasSuffix(suffix) {
            sample(rest[end...], below: parent + name)
        }
    }

    func read(_ path: String) -> FileAnswer { answers[path] ?? .missing }
    func names(_ path: String) -> [String]? { files.names(path) }
    func link(_ path: String) -> String? { files.link(path) }
    func mode(_ path: String) -> Int? { files.mode(path) }
}
