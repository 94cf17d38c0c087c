import Foundation

/// A /proc that a test rewrites while a program reads it: each file is replaced whole, by rename.
public final class FakeProc {
    /// One row of /proc/interrupts.
    public struct Row {
        public var label: String
        public var counts: [Int: UInt64]
        public var tail: String
    }

    public let root: String
    /// The CPUs of the header.
    public var cpus: [Int]
    /// The rows, in their order.
    public var rows: [Row] = []
    /// Counts of softirqs by name, the same on each CPU.
    public var softirqs: [(name: String, count: UInt64)] = [("TIMER", 1000), ("NET_RX", 1000)]

    public init(cpus: [Int] = [0, 1]) throws {
        self.cpus = cpus
        root = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-proc-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Adds a row that has counted 1000 on each CPU.
    public func add(_ label: String, _ tail: String) {
        rows.append(Row(label: label, counts: Dictionary(uniqueKeysWithValues: (0..<64).map { ($0, 1000) }), tail: tail))
    }

    /// A machine with a timer and two devices.
    public static func small() throws -> FakeProc {
        let proc = try FakeProc()
        proc.add("36", "PCI-MSIX-0000:00:02.0   1-edge      disk0")
        proc.add("41", "PCI-MSIX-0000:00:04.0   1-edge      net0-rx")
        proc.add("LOC", "Local timer interrupts")
        try proc.publish()
        return proc
    }

    /// Counts interrupts of a row; what is beyond 32 bits wraps, as in the kernel.
    public func count(_ label: String, _ counts: [Int: UInt64]) {
        guard let index = rows.firstIndex(where: { $0.label == label }) else { return }
        for (cpu, count) in counts { rows[index].counts[cpu] = (rows[index].counts[cpu] ?? 0) &+ count & 0xFFFF_FFFF }
    }

    /// The text of /proc/interrupts.
    public var interrupts: String {
        var text = "           " + cpus.map { "CPU\($0)       " }.joined() + "\n"
        for row in rows {
            let counts = cpus.map { String(row.counts[$0] ?? 0) }.map { Self.right($0, 10) }
            text += Self.right(row.label, 3) + ": " + counts.joined(separator: " ") + " " + row.tail + "\n"
        }
        return text
    }

    /// Writes all files.
    public func publish() throws {
        try write("interrupts", Data(interrupts.utf8))
        var text = "                    " + cpus.map { "CPU\($0)       " }.joined() + "\n"
        for (name, count) in softirqs {
            text += Self.right(name, 12) + ": " + cpus.map { _ in Self.right(String(count), 10) }.joined(separator: " ") + "\n"
        }
        try write("softirqs", Data(text.utf8))
        let lines = cpus.map { "cpu\($0) 100 0 100 1000 0 10 10 0 0 0" }
        try write("stat", Data((lines + ["intr 5000 0", ""]).joined(separator: "\n").utf8))
    }

    /// Replaces a file.
    public func write(_ name: String, _ data: Data) throws {
        let (path, new) = ("\(root)/\(name)", "\(root)/\(name).new")
        try data.write(to: URL(fileURLWithPath: new))
        guard rename(new, path) == 0 else { throw POSIXError(.EIO) }
    }

    /// Takes a file away.
    public func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: "\(root)/\(name)") }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 0)) + text
    }
}
