import Foundation

/// The machine's tracefs, found without the code under test.
public enum Tracefs {
    /// Where it is, mounted if need be; nil without root or where it cannot be mounted.
    public static let root: String? = {
        guard geteuid() == 0 else { return nil }
        let path = "/sys/kernel/tracing"
        if FileManager.default.fileExists(atPath: path + "/instances") { return path }
        _ = try? run("/bin/mount", ["-t", "tracefs", "nodev", path])
        return FileManager.default.fileExists(atPath: path + "/instances") ? path : nil
    }()

    public static var isUsable: Bool { root != nil }
    public static let reason = "needs root and a kernel with tracefs"

    /// The instances, by name.
    public static func instances() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: (root ?? "") + "/instances"))
    }

    public static func text(_ path: String) throws -> String {
        try String(contentsOfFile: "\(root ?? "")/\(path)", encoding: .utf8)
    }

    /// What tracers could disturb for each other: settings of the top directory (`folder` "") or of an instance.
    public static func settings(_ folder: String) throws -> [String: String] {
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
    public static func foreignInstances() throws -> Set<String> { try instances().filter { !$0.hasPrefix("irqscope-") } }

    /// The instances of a process.
    public static func instances(of process: Int32) throws -> [String] {
        try instances().filter { $0.hasPrefix("irqscope-\(process)-") }.sorted()
    }
}
