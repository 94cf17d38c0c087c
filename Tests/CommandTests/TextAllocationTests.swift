import Foundation
import TestSupport
import Testing

/// Counts the allocations of a report of a text with Tests/bench/mallocs.c: lines take none.
@Suite struct TextAllocationTests {
    @Test(
        .enabled(if: program("gcc") != nil, "gcc is not installed"),
        arguments: [TextPrinter.Layout.ftrace, .traceCmd, .perf])
    func linesAllocateNothing(layout: TextPrinter.Layout) throws {
        try withFolder { folder in
            let library = folder + "/mallocs.so"
            let source = Places.repository.appendingPathComponent("Tests/bench/mallocs.c").path
            let compiled = try run("/usr/bin/gcc", ["-O2", "-shared", "-fPIC", "-o", library, source])
            try #require(compiled.status == 0, "\(compiled.errors)")
            let printer = TextPrinter(layout)
            func allocations(lines: Int) throws -> Int {
                var text = ""
                for number in 0..<lines {
                    let names = ["softirq_raise", "softirq_entry", "softirq_exit"]
                    var event = TextPrinter.Event(
                        name: names[number % 3], time: UInt64(1_000_000 * (number + 1)), cpu: number / 3 % 2,
                        pid: 10 + number % 50, task: "task \(number % 50)", number: 3)
                    if number % 10 == 9 { event.name = "irq_handler_exit" }
                    text += printer.line(event) + "\n"
                }
                try text.write(toFile: folder + "/text", atomically: true, encoding: .utf8)
                let result = try run(
                    Places.command.path, ["report", folder + "/text"],
                    environment: [
                        "LD_PRELOAD": library, "MALLOCS": folder + "/counts", "SWIFT_DETERMINISTIC_HASHING": "1",
                    ])
                try #require(result.status == 0, "\(result.errors)")
                let counts = try String(contentsOfFile: folder + "/counts", encoding: .utf8)
                return try #require(counts.split(separator: " ").first.flatMap { Int($0) })
            }
            let (few, many) = (try allocations(lines: 18_000), try allocations(lines: 58_000))
            #expect(many - few < 4000, "\(few) for 18,000 lines, \(many) for 58,000")
        }
    }
}
