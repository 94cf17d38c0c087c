import Foundation
import TestSupport
import Testing

@testable import IRQCore
@testable import Rendering

/// What the pages of `list` and `top` say beyond what all pages have in common: orders, keys, columns, marks.
@Suite struct LiveManPageTests {
    static let commands = ["list", "top"]

    /// One look of a command at a box that has something of everything.
    static func output(_ command: String, _ arguments: [String]) throws -> ProcessResult {
        let box = try SavedBox()
        let ending = command == "top" ? ["-n", "1", "-d", "0.1"] : []
        let result = try run(Places.command.path, [command, "--proc-root", box.root] + arguments + ending)
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        return result
    }

    @Test(arguments: commands)
    func sortKeysAreListed(command: String) throws {
        // The value 'x' is invalid for '--sort <key>': it is none of irq, total, name
        let message = try irqscope(command, "--sort", "x").errors
        let words = try #require(message.firstMatch(of: /it is none of ([a-z0-9, ]+)/)).output.1
            .trimmingCharacters(in: .whitespaces)
        let entry = try #require(try ManPageTests.page([command]).entry("OPTIONS") { $0.contains("--sort") })
        #expect(ManPage.firstCells(entry).joined(separator: ", ") == words)
        let help = ManPageTests.helpLines([command]).joined(separator: " ")
        for key in ManPage.firstCells(entry) { #expect(help.contains(key), "\(key) is not in the help") }
    }

    // MARK: - Formats

    /// What a trace adds, from this machine if it may be traced.
    static func tracedKeys() throws -> Set<String> {
        let known: Set = [
            "calls", "unhandled", "total_ns", "max_ns", "p50_ns", "p99_ns", "cpu_share", "peak_ns", "peak_time_ns",
        ]
        guard Tracefs.isUsable else { return known }
        let result = try irqscope("top", "-J", "-n", "1", "-d", "1")
        let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        let softirqs = object["softirqs"] as? [[String: Any]] ?? []
        let keys = ManPageTests.keys(softirqs.compactMap { $0["handler"] as? [String: Any] })
        #expect(keys == known)
        return keys
    }

    /// What `--deep` adds, from the output of a recording.
    static func followedKeys() throws -> Set<String> {
        let path = Places.fixtures.appendingPathComponent("golden/top/batch-deep.json")
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: path)) as? [String: Any]
        let keys = ManPageTests.keys(try #require(object?["deep"]))
        #expect(keys.isSuperset(of: ["tasks", "woken_by", "run_time"]))
        return keys
    }

    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) func columnsOfATraceAreNamed() throws {
        let lines = try irqscope("top", "-b", "-n", "1", "-d", "0.3").text.split(separator: "\n")
        let titles = lines.filter { $0.contains("rate/s") }.flatMap { $0.split(separator: " ").map { String($0) } }
        #expect(Set(titles).isSuperset(of: ["p50", "p99", "max", "cpu", "peak", "at", "raise99"]))
        let tags = try ManPageTests.page(["top"]).tags(of: "THE SCREENS").flatMap { $0.components(separatedBy: ", ") }
        #expect(Set(tags).isSuperset(of: ["p50", "p99", "max", "cpu", "peak", "at", "raise99"]))
    }

    @Test(arguments: commands)
    func keysOfJSONAreNamed(command: String) throws {
        let page = try ManPageTests.page([command])
        let object = try JSONSerialization.jsonObject(with: Self.output(command, ["-J"]).output)
        let keys = try ManPageTests.keys(object).union(command == "top" ? Self.tracedKeys().union(Self.followedKeys()) : [])
        #expect(keys.isSuperset(of: ["vendor_device", "unhandled_left", "policy"]), "the box lacks something")
        let lines = page.section("JSON")
        let cells = ManPage.firstCells(lines)
        let named = ManPage.boldWords(lines).union(cells).filter { $0.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil }
        #expect(keys.subtracting(named).sorted() == [], "not in JSON of \(page.name)")
        #expect(named.subtracting(keys).sorted() == [], "in JSON of \(page.name), but not printed")
        let tags = page.tags(of: "JSON").flatMap { $0.components(separatedBy: ", ") }
        let top = try #require(object as? [String: Any]).keys
        #expect(Set(tags).isSuperset(of: top))
    }

    @Test(arguments: commands)
    func columnsOfCSVAreNamed(command: String) throws {
        let text = try Self.output(command, ["--format", "csv"] + (command == "top" ? ["--deep"] : [])).text
        let columns = text.prefix { !$0.isNewline }.split(separator: ",").map { String($0) }
        let tags = try ManPageTests.page([command]).tags(of: "CSV")
        #expect(tags.flatMap { $0.components(separatedBy: ", ") } == columns)
    }

    @Test(arguments: [("list", "THE TABLES"), ("top", "THE SCREENS")])
    func columnsOfTextAreNamed(command: String, section: String) throws {
        var titles: [String] = []
        for line in try Self.output(command, []).text.split(separator: "\n") {
            let words = line.split(separator: " ").map { String($0) }
            guard let first = words.first, first == "IRQ" || first == "softirq" else { continue }
            titles += words.map { $0.replacing(/^CPU[0-9]+$/, with: "CPUn") }
        }
        #expect(titles.count > 10)
        let tags = try ManPageTests.page([command]).tags(of: section).flatMap { $0.components(separatedBy: ", ") }
        #expect(Set(titles).subtracting(tags).sorted() == [])
    }

    // MARK: - Keys

    /// The help, the foot and the manual are one table: here the manual is.
    @Test func keysAreThoseOfTheTable() throws {
        let page = try ManPageTests.page(["top"])
        let tags = page.tags(of: "KEYS").filter { !$0.hasPrefix("Ctrl-") }
        #expect(tags == TopKeys.all.map { $0.actions.map(\.name).joined(separator: " ") })
        for keys in TopKeys.all {
            let names = keys.actions.map(\.name).joined(separator: " ")
            let entry = try #require(page.entry("KEYS") { $0 == names })
            let text = entry.map(ManPage.plain).joined(separator: " ")
            let words = keys.words.prefix(1).uppercased() + keys.words.dropFirst()
            #expect(text.hasPrefix(names + " " + words), "\(names): \(text)")
            // The names that the help shows are keys, and those of the foot.
            let known = Set(keys.actions.map(\.name))
            #expect(known.isSuperset(of: keys.shown.split(separator: " ").map { String($0) }), "\(names)")
        }
    }

    /// Every key of the table is one, does something in each of its views, and nothing in the others.
    @Test func keysOfTheTableDoSomething() {
        var seen: Set<String> = []
        for keys in TopKeys.all {
            for (name, _) in keys.actions {
                #expect(TopKey(name: name) != nil && seen.insert(name).inserted, "\(name)")
                guard let key = TopKey(name: name) else { continue }
                for view in TopState.View.allCases {
                    var before = TopState()
                    (before.view, before.earlierView) = (view, .softirqs)
                    (before.filter, before.softirqFilter, before.taskFilter) = ("x", "x", "x")
                    (before.cursor, before.firstLine) = (5, 5)
                    before.firstColumn = 8
                    var after = before
                    after.take(key, rowCount: 50, pageCount: 10) { UInt32($0) }
                    let isSame = after == before
                    if !keys.views.contains(view) { #expect(isSame, "\(name) in \(view)") }
                    guard isSame, keys.views.contains(view) else { continue }
                    // The view that is shown already, an order that the table lacks, nothing to go back from.
                    let action = TopKeys.action(key, in: view)
                    var isKnown = action == .goBack && view == .cpus || action == .show(view)
                    if case .sort(let key) = action { isKnown = !TopState.SortKey.keys(of: view).contains(key) }
                    #expect(isKnown, "\(name) does nothing in \(view)")
                }
            }
        }
    }

    @Test func intervalsOfTheKeysAreListed() throws {
        var state = TopState()
        state.intervalNanoseconds = TopState.shortestInterval
        var seconds = ["0.1"]
        while state.intervalNanoseconds < TopState.longestInterval {
            state.take(.character(0x2B), rowCount: 1, pageCount: 1) { _ in nil }
            let value = Double(state.intervalNanoseconds) / 1e9
            seconds.append(value < 1 ? "\(value)" : "\(Int(value))")
        }
        let entry = try #require(try ManPageTests.page(["top"]).entry("KEYS") { $0.hasPrefix("+ =") })
        let text = entry.joined(separator: " ")
        #expect(text.contains(seconds.dropLast().joined(separator: ", ") + " and " + (seconds.last ?? "")))
    }

    // MARK: - Marks

    @Test func marksAreListedWithTheirLimits() throws {
        let page = try ManPageTests.page(["top"])
        let all = RowMarks(rawValue: .max).names
        #expect(page.tags(of: "MARKS").map { $0.components(separatedBy: ", ").last ?? "" } == all)
        func number(_ value: Double) -> String { Units.count(UInt64(value)) }
        let limits: [String: [String]] = [
            "sudden_rate": [
                number(StormCheck.suddenPerSecond) + "/s", number(StormCheck.suddenFactor) + " times",
                "\(StormCheck.pastWindow - 1) intervals", "must be \(StormCheck.pastIntervalCount) of",
            ],
            "outside_mask": ["\(OutsideMaskCheck.leastCount) or more", number(OutsideMaskCheck.leastShare * 100) + " %"],
            "one_of_many": [
                number(CrowdedCPUCheck.markPerSecond) + "/s", number(CrowdedCPUCheck.markShare * 100) + " %",
            ],
            "remote_node": [number(RemoteNodeCheck.leastPerSecond) + "/s", "more than half"],
            "unhandled": ["no handler"],
        ]
        #expect(limits.keys.sorted() == all.sorted())
        for (mark, words) in limits {
            let entry = try #require(page.entry("MARKS") { $0.hasSuffix(mark) })
            let text = entry.map(ManPage.plain).joined(separator: " ")
            for word in words { #expect(text.contains(word), "\(mark): '\(word)' is missing") }
        }
    }
}

/// A saved copy of /proc and /sys that has something of everything: a device, a thread, unhandled interrupts, a row of
/// the architecture, one that counts for the machine, and one without counts.
final class SavedBox {
    let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-box-\(UUID().uuidString)").path
        let kernelThread = "2 0 0 0 -1 2129984 0 0 0 0 1 2 0 0 -51 0 1 0 40 0 0 0 0 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 0"
        let files = [
            "proc/interrupts": """
                       CPU0       CPU1
             36:          0    2051656 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0
            LOC:    1417852    1509363   Local timer interrupts
            ERR:          0
            FIQ:              usb_fiq

            """,
            "proc/softirqs": """
                                CPU0       CPU1
                  NET_RX:         12         34

            """,
            "proc/stat": "cpu0 1 0 1 90 0 0 1 0 0 0\ncpu1 1 0 1 90 0 0 1 0 0 0\nintr 2051656\n",
            "proc/irq/36/smp_affinity": "3\n", "proc/irq/36/effective_affinity": "2\n", "proc/irq/36/affinity_hint": "1\n",
            "proc/irq/36/node": "0\n", "proc/irq/36/spurious": "count 7\nunhandled 3\nlast_unhandled 5 ms\n",
            "sys/bus/pci/devices/0000:00:02.0/vendor": "0x1af4\n",
            "proc/77/stat": "77 (irq/36-virtio1) S \(kernelThread) 50 1 0 0 0 0 0 0 0 0 0 0 0\n",
        ]
        for (name, text) in files {
            let place = URL(fileURLWithPath: root + "/" + name)
            let folder = place.deletingLastPathComponent()
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(text.utf8).write(to: place)
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }
}
