import Foundation
import TestSupport
import Testing

@testable import KernelSource

/// The machine's tracefs, found without the code under test.
enum Tracefs {
    /// Where it is, mounted if need be; nil without root or where it cannot be mounted.
    static let root: String? = {
        guard geteuid() == 0 else { return nil }
        let path = "/sys/kernel/tracing"
        if FileManager.default.fileExists(atPath: path + "/instances") { return path }
        _ = try? run("/bin/mount", ["-t", "tracefs", "nodev", path])
        return FileManager.default.fileExists(atPath: path + "/instances") ? path : nil
    }()

    static var isUsable: Bool { root != nil }
    static let why: Comment = "needs root and a kernel with tracefs"

    /// The instances, by name.
    static func instances() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: (root ?? "") + "/instances"))
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root ?? "")/\(path)", encoding: .utf8)
    }

    /// What tracers could disturb for each other: settings of the top directory (`folder` "") or of an instance.
    static func settings(_ folder: String) throws -> [String: String] {
        var result: [String: String] = [:]
        for name in [
            "events/enable", "set_event", "tracing_on", "trace_clock", "buffer_size_kb", "buffer_percent", "current_tracer",
            "tracing_cpumask", "trace_options", "set_event_pid", "events/irq/enable", "events/irq/irq_handler_entry/filter",
        ] {
            result[name] = try text(folder + name)
        }
        return result
    }

    /// Instances that are not irqscope's: other runs on this machine come and go.
    static func foreignInstances() throws -> Set<String> { try instances().filter { !$0.hasPrefix("irqscope-") } }
}

/// A process that holds an instance.
final class Holder {
    let process = Process()
    /// The instance's name; "" if it has none.
    let name: String
    private let output = Pipe()

    init(_ mode: String) throws {
        process.executableURL = Places.command.deletingLastPathComponent().appendingPathComponent("TraceHolder")
        process.arguments = [mode]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first ?? 0x0A != 0x0A { line += byte }
        name = String(decoding: line, as: UTF8.self)
    }

    func end(_ signal: Int32) {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    static let path = Places.command.deletingLastPathComponent().appendingPathComponent("TraceHolder").path
}
