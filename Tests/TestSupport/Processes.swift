import Foundation

/// What a process printed and how it ended.
public struct ProcessResult: Sendable {
    public let status: Int32
    public let output: Data
    public let errors: String
    public var text: String { String(decoding: output, as: UTF8.self) }
}

/// Places in the repository and its build.
public enum Places {
    public static let repository = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    public static let fixtures = repository.appendingPathComponent("Fixtures")
    public static let recordings = fixtures.appendingPathComponent("recordings")
    public static let oracle = repository.appendingPathComponent("Tests/oracle/trace-oracle.py")

    /// The command as it was built beside the tests, or the one that IRQSCOPE names.
    public static let command: URL = {
        if let named = ProcessInfo.processInfo.environment["IRQSCOPE"] { return URL(fileURLWithPath: named) }
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("irqscope")
    }()

    /// Where `make test-tools` unpacks programs: in the build's folder, three levels above its tests.
    static let unpackedTools = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("tools/usr").path

    /// The Python with Perfetto's classes that `make test-tools` makes.
    public static let perfettoPython = URL(fileURLWithPath: unpackedTools).deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("perfetto/bin/python3").path

    public static func recording(_ name: String) -> String { recordings.appendingPathComponent(name + ".dat").path }

    /// All recordings, by name.
    public static var recordingNames: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: recordings.path)) ?? []
        return files.filter { $0.hasSuffix(".dat") }.map { String($0.dropLast(4)) }.sorted()
    }
}

/// Runs a program to its end.
public func run(_ program: String, _ arguments: [String], input: Data? = nil, environment: [String: String]? = nil)
    throws -> ProcessResult
{
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    if let environment { process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 } }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    // Files, not pipes: nothing can block, however much is printed.
    let names = ["out", "err", "in"].map { folder.appendingPathComponent($0) }
    for name in names {
        _ = FileManager.default.createFile(atPath: name.path, contents: name.lastPathComponent == "in" ? input : nil)
    }
    let handles = try (
        FileHandle(forWritingTo: names[0]), FileHandle(forWritingTo: names[1]), FileHandle(forReadingFrom: names[2])
    )
    process.standardOutput = handles.0
    process.standardError = handles.1
    process.standardInput = handles.2
    try process.run()
    // Longer than any test takes on a busy machine: one that hangs fails, and the others go on.
    let pid = process.processIdentifier
    let limit = DispatchWorkItem { _ = kill(pid, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 400, execute: limit)
    process.waitUntilExit()
    limit.cancel()
    return ProcessResult(
        status: process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus,
        output: try Data(contentsOf: names[0]), errors: String(decoding: try Data(contentsOf: names[1]), as: UTF8.self))
}

/// Runs irqscope.
public func irqscope(_ arguments: String..., input: Data? = nil) throws -> ProcessResult {
    try run(Places.command.path, arguments, input: input)
}

/// Runs a shell command line.
public func shell(_ line: String) throws -> ProcessResult { try run("/bin/bash", ["-c", line]) }

/// The path of a program, unpacked for the tests (`make test-tools`) or installed, or nil: tests that need it say so and
/// skip.
public func program(_ name: String) -> String? {
    let unpacked = Places.unpackedTools
    for folder in ["\(unpacked)/bin", "\(unpacked)/sbin", "/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"] {
        let path = "\(folder)/\(name)"
        if FileManager.default.isExecutableFile(atPath: path) { return path }
    }
    return nil
}
