import Foundation

/// A folder of a test's own, removed with it.
public final class TestFolder {
    public let path = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-test-\(UUID().uuidString)")
        .path

    public init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of a file in it.
    public func file(_ name: String) -> String { path + "/" + name }
    /// What is in it.
    public var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

/// A program that runs with the signals as a shell would give them: `irqscope record` in most cases.
public final class Recorder {
    /// Foundation's threads hold signals back, and what they start inherits that; Python ignores two. Descriptors stay open: Foundation takes
    /// them for a sign of life, and would wait for this process alone once they are closed.
    public static let launcher = """
        import os, signal, sys
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        for number in (signal.SIGPIPE, signal.SIGXFSZ): signal.signal(number, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
        """

    private let process = Process()
    private let folder: TestFolder
    private let output: URL
    private let errorOutput: URL
    /// Its process number, and that of the program.
    public var id: Int32 { process.processIdentifier }

    /// - Parameters:
    ///   - words: the program and its arguments.
    ///   - before: Python that runs before the program takes its place, such as `signal.signal(signal.SIGHUP, signal.SIG_IGN)`.
    ///   - standardOutput: where its output goes; nil is a file.
    public init(_ words: [String], before: String = "", input: Data? = nil, standardOutput: Any? = nil) throws {
        folder = try TestFolder()
        (output, errorOutput) = (URL(fileURLWithPath: folder.file("out")), URL(fileURLWithPath: folder.file("err")))
        for (name, data) in [("out", nil), ("err", nil), ("in", input)] {
            _ = FileManager.default.createFile(atPath: folder.file(name), contents: data)
        }
        process.executableURL = URL(fileURLWithPath: TestSupport.program("python3") ?? "/usr/bin/python3")
        let launcher = Self.launcher.replacingOccurrences(of: "os.execv", with: before + "\nos.execv")
        process.arguments = ["-c", launcher] + words
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path)
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: folder.file("in")))
        process.standardOutput = try standardOutput ?? FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errorOutput)
        try process.run()
    }

    /// `irqscope record` with options.
    public convenience init(record options: [String], before: String = "", standardOutput: Any? = nil) throws {
        try self.init([Places.command.path, "record"] + options, before: before, standardOutput: standardOutput)
    }

    deinit { if process.isRunning { kill(id, SIGKILL) } }

    /// Whether it has not ended.
    public var isRunning: Bool { process.isRunning }
    /// What it printed so far.
    public var text: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    /// What it said so far.
    public var errors: String { (try? String(contentsOf: errorOutput, encoding: .utf8)) ?? "" }

    /// Waits until it traces: all of its instances are switched on, and some time has passed.
    public func waitForTrace() throws {
        try waitForInstance()
        let end = Date().addingTimeInterval(TestTerminal.patience)
        // The directory can be seen before its files are there (the kernel makes them one after the other).
        while try Tracefs.instances(of: id).contains(where: { (try? Tracefs.text("instances/\($0)/tracing_on")) != "1\n" }) {
            guard Date() < end, isRunning else { throw TestTerminal.Timeout(description: "it does not trace: \(errors)") }
            usleep(10_000)
        }
        usleep(150_000)
    }

    /// Waits until its instance is there.
    public func waitForInstance() throws {
        let end = Date().addingTimeInterval(TestTerminal.patience)
        while Date() < end {
            if try !Tracefs.instances(of: id).isEmpty { return }
            if !isRunning { break }
            usleep(20_000)
        }
        throw TestTerminal.Timeout(description: "it does not trace: \(errors)")
    }

    /// Waits until it has printed that many lines.
    public func waitForLines(_ count: Int) throws {
        let end = Date().addingTimeInterval(TestTerminal.patience)
        while text.utf8.count(where: { $0 == 0x0A }) < count {
            guard Date() < end, isRunning else {
                throw TestTerminal.Timeout(description: "fewer than \(count) lines: \(errors)")
            }
            usleep(20_000)
        }
    }

    public func send(_ signal: Int32) { kill(id, signal) }

    /// Waits for its end: its status, 128 + the signal that ended it; nil if it goes on.
    public func status(seconds: Double = 20) -> Int32? {
        let end = Date().addingTimeInterval(seconds)
        while process.isRunning, Date() < end { usleep(10_000) }
        if process.isRunning { return nil }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }
}

/// Reads of a disk past the cache, one after the other, as long as this lives.
public final class DiskLoad {
    private let process = Process()

    private init() throws {
        let line = """
            file=/var/tmp/scratch
            [ -s $file ] || dd if=/dev/zero of=$file bs=1M count=64 2>/dev/null
            trap 'kill $!; exit' TERM
            end=$((SECONDS + 120))
            while [ $SECONDS -lt $end ]; do dd if=$file of=/dev/null iflag=direct bs=4k 2>/dev/null & wait $!; done
            """
        process.executableURL = URL(fileURLWithPath: TestSupport.program("python3") ?? "/usr/bin/python3")
        process.arguments = ["-c", Recorder.launcher, "/bin/bash", "-c", line]
        let before = try Self.readCount()
        try process.run()
        let end = Date().addingTimeInterval(TestTerminal.patience)
        while try Self.readCount() < before + 100, Date() < end { usleep(5_000) }
    }

    /// The reads that all disks have done.
    private static func readCount() throws -> Int {
        let text = try String(contentsOfFile: "/proc/diskstats", encoding: .utf8)
        return text.split(separator: "\n").reduce(0) { sum, line in
            let words = line.split(separator: " ")
            return sum + (words.count > 3 ? Int(words[3]) ?? 0 : 0)
        }
    }

    /// Reads that many blocks of a disk past the cache, one after the other, and returns when they are read.
    ///
    /// - Returns: how often the kernel put the reader to sleep meanwhile.
    @discardableResult public static func read(blocks: Int) throws -> Int {
        let result = try shell(
            """
            file=/var/tmp/scratch
            [ -s $file ] || dd if=/dev/zero of=$file bs=1M count=64 2>/dev/null
            left=\(blocks)
            while [ $left -gt 0 ]; do
                count=$((left < 16000 ? left : 16000))
                python3 -c '
            import resource, subprocess, sys
            status = subprocess.run(sys.argv[1:], stderr=subprocess.DEVNULL).returncode
            print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw)
            sys.exit(status)' dd if=$file of=/dev/null iflag=direct bs=4k count=$count || exit 1
                left=$((left - count))
            done
            """)
        if result.status != 0 { throw TestTerminal.Timeout(description: "the disk cannot be read: \(result.errors)") }
        return result.text.split(separator: "\n").reduce(0) { $0 + (Int($1) ?? 0) }
    }

    /// Ends it.
    private func stop() {
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
    }

    /// Runs `body` while a disk is read, and no test takes CPUs away.
    public static func during<Result>(_ body: () throws -> Result) throws -> Result {
        try LiveMachine.use {
            let load = try DiskLoad()
            defer { load.stop() }
            return try body()
        }
    }
}
