import Foundation
import TestSupport
import Testing

/// Copies whose counts are at the end of their numbers, or whose tables have a row twice: each of them once ended a command with a
/// trap.
@Suite struct HugeCountsTests {
    private static let most = String(UInt64.max)

    /// What is changed in a copy: a path, and what its text becomes; a text that is not there is nil.
    struct Change: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let commands: [[String]]
        let change: @Sendable (Copy) throws -> Void
    }

    /// An unpacked box.
    struct Copy: Sendable {
        let root: String

        func write(_ path: String, _ text: String) throws {
            let file = URL(fileURLWithPath: root + "/" + path)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }

        /// Changes each line of a table that has a label.
        func change(_ path: String, _ label: String, _ body: (Substring) -> String) throws {
            let text = try String(contentsOfFile: root + "/" + path, encoding: .utf8)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                line.drop { $0 == " " }.hasPrefix(label + ":") ? body(line) : String(line)
            }
            try #require(lines.joined(separator: "\n") != text, "\(path) has no \(label)")
            try write(path, lines.joined(separator: "\n"))
        }

        /// Puts the largest count into the columns of a row.
        func fill(_ path: String, _ label: String, columns: [Int]) throws {
            try change(path, label) { line in
                var words = line.split(separator: " ").map(String.init)
                for column in columns { words[1 + column] = HugeCountsTests.most }
                return words.joined(separator: " ")
            }
        }
    }

    private static let doctor = ["doctor", "-v"]
    private static let plan = ["affinity", "plan", "spread"]
    private static let changes: [Change] = [
        Change(testDescription: "MCE", commands: [doctor]) { try $0.fill("later/proc/interrupts", "MCE", columns: [0, 1]) },
        Change(testDescription: "NMI twice", commands: [doctor]) { copy in
            for path in ["proc/interrupts", "later/proc/interrupts"] { try copy.change(path, "NMI") { "\($0)\n\($0)" } }
            try copy.fill("later/proc/interrupts", "NMI", columns: [0])
        },
        Change(testDescription: "cpuidle", commands: [doctor]) { copy in
            for cpu in [4, 5] {
                let folder = "sys/devices/system/cpu/cpu\(cpu)/cpuidle/state3"
                try copy.write("\(folder)/usage", "0")
                try copy.write("later/\(folder)/usage", most)
                for (name, value) in [("latency", "200"), ("disable", "0"), ("name", "C6")] { try copy.write("\(folder)/\(name)", value) }
            }
        },
        Change(testDescription: "vectors", commands: [doctor]) { copy in
            let huge = String(Int.max)
            try copy.write(
                "sys/kernel/debug/irq/domains/VECTOR",
                "name: VECTOR\n | CPU | avl | man | mac | act | vectors\n     0   \(huge)    1    1    \(huge)  32-49,51-87\n")
        },
        Change(testDescription: "capacities", commands: [doctor, plan]) { copy in
            for cpu in 0..<16 {
                try copy.write("sys/devices/system/cpu/cpu\(cpu)/cpu_capacity", String(cpu > 0 ? Int.max : Int.min))
            }
        },
        Change(testDescription: "a line twice", commands: [doctor, plan]) { copy in
            for path in ["proc/interrupts", "later/proc/interrupts"] { try copy.change(path, "70") { "\($0)\n\($0)" } }
        },
        Change(testDescription: "a node's line", commands: [doctor, plan]) { copy in
            try copy.fill("later/proc/interrupts", "70", columns: [4, 5])
            try copy.write("sys/devices/system/node/node0/cpulist", "0-3")
            try copy.write("sys/devices/system/node/node1/cpulist", "4-15")
            try copy.write("proc/irq/70/node", "0")
        },
    ]

    @Test(.enabled(if: program("zstd") != nil, "zstd is not installed"), arguments: changes)
    func commandsTakeThem(change: Change) throws {
        let folder = try TestFolder()
        let archive = Places.fixtures.appendingPathComponent("doctor/irqaffinity-all.tar.zst").path
        try #require(try shell("zstd -dcq '\(archive)' | tar -C '\(folder.path)' --strip-components=1 -xf -").status == 0)
        let copy = Copy(root: folder.path)
        try change.change(copy)
        for command in change.commands {
            let result = try run(Places.command.path, command + ["--root", folder.path])
            #expect(result.status == 0 && !result.text.isEmpty, "\(command): \(result.status) \(result.errors)")
        }
    }
}
