import Foundation
import Testing
import TestSupport

/// A saved copy of /proc, and of /sys.
struct Snapshot: CustomTestStringConvertible, Sendable {
    let name: String
    let proc: String
    let sys: String?
    var testDescription: String { name }

    /// Those of Fixtures/proc: `MACHINE/s0/interrupts`, `MACHINE/sys`.
    static let fixtures: [Snapshot] = {
        let root = Places.fixtures.appendingPathComponent("proc").path
        return folders(root).flatMap { machine in
            folders("\(root)/\(machine)").filter { $0 != "sys" }.map { sample in
                let sys = "\(root)/\(machine)/sys"
                let hasSys = FileManager.default.fileExists(atPath: sys)
                return Snapshot(
                    name: "\(machine)/\(sample)", proc: "\(root)/\(machine)/\(sample)", sys: hasSys ? sys : nil)
            }
        }
    }()

    /// Files that other projects test with: Fixtures/public.
    static let published: [String] = {
        let root = Places.fixtures.appendingPathComponent("public").path
        return folders(root).flatMap { kind in folders("\(root)/\(kind)").map { "\(root)/\(kind)/\($0)" } }
    }()

    private static func folders(_ path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }
}

/// A folder that is gone after the test.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-list-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.path)
}

/// `irqscope list` against a plain Python reading of the same files, other programs, and bad input.
@Suite struct ListCommandTests {
    typealias Object = [String: Any]
    static let script = Places.repository.appendingPathComponent("Tests/oracle/proc-tables.py").path

    static func write(_ text: String, _ path: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path)) }

    static func list(_ proc: String, _ options: String...) throws -> ProcessResult {
        try run(Places.command.path, ["list", "--proc-root", proc] + options)
    }

    static func object(_ proc: String, _ options: String...) throws -> Object {
        let result = try run(Places.command.path, ["list", "--json", "--proc-root", proc] + options)
        #expect(result.status == 0, "\(result.errors)")
        return try Oracle.json(result.output)
    }

    static func labels(_ object: Object) -> [String] {
        (object["interrupts"] as? [Object] ?? []).compactMap { $0["label"] as? String }
    }

    // MARK: The oracle

    /// Differences, and how many values were compared.
    static func differences(_ proc: String, _ sys: String?) throws -> (found: [String], compared: Int) {
        let roots = ["--proc-root", proc] + (sys.map { ["--sys-root", $0] } ?? [])
        let ours = try run(Places.command.path, ["list", "--json"] + roots)
        guard ours.status == 0 else { return ([ours.errors], 0) }
        let result = try run(program("python3") ?? "", [script, proc] + (sys.map { [$0] } ?? []), input: ours.output)
        var lines = result.text.split(separator: "\n").map { String($0) }
        let compared = lines.popLast().flatMap { Int($0.split(separator: " ").last ?? "") }
        return (lines + (result.errors.isEmpty ? [] : [result.errors]), compared ?? 0)
    }

    @Test(.enabled(if: program("python3") != nil, "needs python3"), arguments: Snapshot.fixtures)
    func numbersAreThoseOfThePlainReading(snapshot: Snapshot) throws {
        let (found, compared) = try Self.differences(snapshot.proc, snapshot.sys)
        #expect(found == [])
        #expect(compared > 6)
    }

    @Test(.enabled(if: program("python3") != nil, "needs python3"), arguments: Snapshot.published)
    func numbersOfPublishedFilesAreThoseOfThePlainReading(path: String) throws {
        try withFolder { folder in
            let isSoftirqs = path.contains("/proc-softirqs/")
            try FileManager.default.copyItem(atPath: path, toPath: "\(folder)/\(isSoftirqs ? "softirqs" : "interrupts")")
            if isSoftirqs { try Self.write("CPU0\nNMI: 0 Non-maskable interrupts\n", "\(folder)/interrupts") }
            let (found, compared) = try Self.differences(folder, nil)
            #expect(found == [])
            #expect(compared >= (isSoftirqs ? 6 : 140))
        }
    }

    @Test func fixturesAreThere() { #expect(Snapshot.fixtures.count >= 24 && Snapshot.published.count == 7) }

    /// A comparison that finds nothing must be able to find something.
    @Test(.enabled(if: program("python3") != nil, "needs python3")) func comparisonSeesWhatIsWrong() throws {
        let snapshot = try #require(Snapshot.fixtures.first)
        let ours = try Self.list(snapshot.proc, "--json")
        let wrong = ours.text.replacing("IO-APIC", with: "IO-APIK").replacing("[83,0]", with: "[83,1]")
        let result = try run(program("python3") ?? "", [Self.script, snapshot.proc], input: Data(wrong.utf8))
        #expect(result.text.contains("0#0 counts: [83, 1] for [83, 0]"))
        #expect(result.text.contains("chip: 'IO-APIK' for 'IO-APIC'"))
    }

    // MARK: The running kernel

    static func totals(_ result: ProcessResult) throws -> [String: UInt64] {
        let rows = try Oracle.json(result.output)["interrupts"] as? [Object] ?? []
        let pairs = rows.compactMap { row -> (String, UInt64)? in
            guard let label = (row["label"] ?? row["irq"]) as? String else { return nil }
            return Oracle.number(row["total"]).map { (label, $0) }
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    @Test(.enabled(if: program("lsirq") != nil, "lsirq is not installed")) func liveTotalsAreThoseOfLsirq() throws {
        let before = try Self.totals(irqscope("list", "--json"))
        let theirs = try Self.totals(run(program("lsirq") ?? "", ["-J"]))
        let after = try Self.totals(irqscope("list", "--json"))
        var compared = 0
        for (label, total) in theirs {
            guard let low = before[label], let high = after[label] else { continue }
            #expect(low <= total && total <= high, "\(label): \(low), lsirq \(total), \(high)")
            compared += 1
        }
        #expect(compared >= 5)
    }

    @Test(.enabled(if: FileManager.default.isReadableFile(atPath: "/proc/interrupts"), "no /proc/interrupts"))
    func liveListHasTheKernelAndItsCPUs() throws {
        let object = try Oracle.json(irqscope("list", "-J").output)
        let release = try String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        #expect(object["kernel"] as? String == release.trimmingCharacters(in: .newlines))
        #expect((object["cpus"] as? [Any])?.isEmpty == false && !Self.labels(object).isEmpty)
        let softirqs = (object["softirqs"] as? [Object] ?? []).compactMap { $0["name"] as? String }
        #expect(softirqs.contains("NET_RX") && softirqs.contains("RCU"))
    }

    // MARK: Contract

    static let amd64 = Places.fixtures.appendingPathComponent("proc/amd64/s5").path

    @Test func jsonKeepsTheContract() throws {
        let object = try Self.object(Self.amd64)
        #expect(object["schema"] as? String == "irqscope.list.v1")
        #expect(object.keys.sorted() == ["cpus", "interrupts", "kernel", "schema", "softirq_cpus", "softirqs"])
        let rows = object["interrupts"] as? [Object] ?? []
        let keys: Set = [
            "label", "ordinal", "irq", "kind", "counts", "total", "text", "chip", "hwirq", "trigger", "actions",
            "affinity", "effective_affinity", "node", "user_settable", "spurious",
        ]
        for row in rows { #expect(Set(row.keys).isSuperset(of: keys)) }
        let local = rows.first { $0["label"] as? String == "LOC" } ?? [:]
        for key in ["irq", "chip", "hwirq", "trigger", "actions", "affinity", "node", "user_settable", "spurious"] {
            #expect(local[key] is NSNull, "\(key) of LOC")
        }
    }

    /// Threads that are hidden are unknown, and so is whether the kernel judges late; an empty list is one without any.
    @Test func hiddenThreadsAreNull() throws {
        func threads(_ process: (inout FakeTree) throws -> Void) throws -> [String] {
            var tree = try FakeTree()
            try tree.write("interrupts", "CPU0\n36: 5  PCI-MSIX-0000:00:02.0   1-edge  a\nLOC: 7  Local timer interrupts\n")
            try tree.write("softirqs", "CPU0\nHI: 1\n")
            try tree.write("irq/36/spurious", "count 7\nunhandled 3\nlast_unhandled 5 ms\n")
            try process(&tree)
            let rows = try Self.object(tree.root)["interrupts"] as? [Object] ?? []
            return try rows.map { row in
                let spurious = row["spurious"] as? Object
                let late = spurious.map { "\($0["judged_late"] ?? "missing")" } ?? "-"
                let list = try JSONSerialization.data(withJSONObject: [row["threads"] ?? "missing"], options: [.sortedKeys])
                return "\(late) \(String(decoding: list, as: UTF8.self))"
            }
        }
        #expect(try threads { try $0.process(1, "init", flags: 0x40_0100) } == ["<null> [null]", "- [[]]"])
        #expect(try threads { try $0.process(2, "kthreadd") } == ["0 [[]]", "- [[]]"])
        #expect(
            try threads { try $0.process(9, "irq/36-a") } == [
                "1 [[{\"name\":\"irq\\/36-a\",\"pid\":9,\"policy\":\"FIFO\",\"priority\":50}]]", "- [[]]",
            ])
        // A copy without processes tells nothing of threads, and hides none.
        #expect(try threads { _ in } == ["0 [null]", "- [[]]"])
    }

    /// No /sys of this machine is taken for that of a saved copy.
    @Test func savedCopyHasItsOwnSysOrNone() throws {
        try withFolder { folder in
            let manager = FileManager.default
            try manager.createDirectory(atPath: "\(folder)/proc", withIntermediateDirectories: true)
            try manager.createDirectory(atPath: "\(folder)/sys/kernel/irq/36", withIntermediateDirectories: true)
            try Self.write("CPU0\n36: 5  IO-APIC  1-edge  eth9\n", "\(folder)/proc/interrupts")
            try Self.write("CPU0\nHI: 1\n", "\(folder)/proc/softirqs")
            func chip(_ root: String) throws -> String? {
                (try Self.object(root)["interrupts"] as? [Object])?.first?["chip"] as? String
            }
            #expect(try chip("\(folder)/proc") == "IO-APIC")
            try Self.write("OTHER\n", "\(folder)/sys/kernel/irq/36/chip_name")
            for root in ["\(folder)/proc", "\(folder)/proc/", folder] { #expect(try chip(root) == "OTHER", "\(root)") }
        }
    }

    /// /sys parts names with commas alone: a name that holds one stays whole if the other text tells.
    @Test func commaInsideOfANameDoesNotPartIt() throws {
        try withFolder { folder in
            try FileManager.default.createDirectory(
                atPath: "\(folder)/sys/kernel/irq/36", withIntermediateDirectories: true)
            try Self.write("CPU0\n36: 5  GICv2  77 Level     arm,pl330, eth0\n", "\(folder)/interrupts")
            try Self.write("CPU0\nHI: 1\n", "\(folder)/softirqs")
            try Self.write("arm,pl330,eth0\n", "\(folder)/sys/kernel/irq/36/actions")
            let object = try Self.object(folder, "--sys-root", "\(folder)/sys")
            #expect((object["interrupts"] as? [Object])?.first?["actions"] as? [String] == ["arm,pl330", "eth0"])
        }
    }

    // MARK: Rows, order, formats

    /// The message on a choice of which nothing, or a part, exists.
    static func absent(_ options: [String], isEmpty: Bool) -> String {
        let place = "irqscope: \(amd64)/interrupts: there is no "
        if options.contains("999") { return place + "interrupt 999\n" }
        return isEmpty ? "irqscope: no row is left by --irq or --filter; widen them\n" : ""
    }

    @Test(arguments: [["list"], ["top", "-b", "-n", "1", "-d", "0.1"]]) func choiceThatDoesNotExistIsSaid(command: [String]) throws {
        for (options, words) in [
            (["--irq", "27,999"], "interrupt 999"), (["--cpu", "0,4000"], "CPU 4000"),
            (["--filter", "no such name"], "name that matches --filter"),
        ] {
            let result = try run(Places.command.path, command + ["--proc-root", Self.amd64] + options)
            #expect(result.status == 0)
            #expect(result.errors == "irqscope: \(Self.amd64)/interrupts: there is no \(words)\n", "\(result.errors)")
        }
    }

    @Test func rowsAreChosen() throws {
        func labels(_ options: String...) throws -> [String] {
            let result = try run(Places.command.path, ["list", "-J", "--proc-root", Self.amd64] + options)
            let labels = Self.labels(try Oracle.json(result.output))
            #expect(result.status == 0 && result.errors == Self.absent(options, isEmpty: labels.isEmpty), "\(result.errors)")
            return labels
        }
        #expect(try labels("--irq", "25-27,30") == ["25", "26", "27", "30"])
        #expect(try labels("--irq", "25-27", "--filter", "nvme") == ["27"])
        #expect(try labels("--filter", "^LOC$") == ["LOC"])
        #expect(try labels("--filter", "xhci") == ["35", "36", "37"])
        #expect(try labels("--irq", "25-27,30", "-r") == ["30", "27", "26", "25"])
        #expect(try labels("--irq", "25-30", "--sort", "name").first == "30")
        #expect(try labels("--irq", "999") == [])
        let all = try Self.object(Self.amd64)
        let totals = (all["interrupts"] as? [Object] ?? []).compactMap { row -> (String, UInt64)? in
            (row["label"] as? String).map { ($0, Oracle.number(row["total"]) ?? 0) }
        }
        let highest = totals.map(\.1).max()
        let sorted = try labels("--sort", "total")
        #expect(totals.first { $0.0 == sorted.first }?.1 == highest && sorted.count == totals.count)
        #expect(try labels("--sort", "total", "-r") == sorted.reversed())
        #expect(try Self.object(Self.amd64, "--irq", "25")["softirqs"] as? [String] == [])
    }

    @Test func cpusAreChosen() throws {
        let all = try Self.object(Self.amd64)["interrupts"] as? [Object] ?? []
        let object = try Self.object(Self.amd64, "--cpu", "1")
        #expect(object["cpus"] as? [Int] == [1] && object["softirq_cpus"] as? [Int] == [1])
        for (row, whole) in zip(object["interrupts"] as? [Object] ?? [], all) where row["kind"] as? String == "per_cpu" {
            let counts = whole["counts"] as? [Int] ?? []
            #expect(row["counts"] as? [Int] == [counts[1]] && row["total"] as? Int == counts[1])
        }
        // A CPU that is not there counted nothing that is known.
        let none = try Self.object(Self.amd64, "--cpu", "7")["interrupts"] as? [Object] ?? []
        #expect(none.allSatisfy { $0["kind"] as? String != "per_cpu" || $0["total"] is NSNull })
        #expect(try Self.list(Self.amd64, "--cpu", "7").status == 0)
    }

    @Test(arguments: [
        ["--sort", "nothing"], ["--irq", "a"], ["--irq", "5-2"], ["--cpu", "-1"], ["--filter", "("], ["--bogus"], ["extra"],
        ["--format", "html"], ["--json", "--format", "csv"], ["--proc-root"],
    ])
    func wrongUseIsStatus64WithAMessage(options: [String]) throws {
        let result = try run(Places.command.path, ["list"] + options)
        #expect(result.status == 64 && result.output.isEmpty)
        #expect(result.errors.hasPrefix("irqscope: "), "\(result.errors)")
    }

    @Test func csvHasALineForEachRowAndCPU() throws {
        let text = try Self.list(Self.amd64, "--format", "csv").text
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        let rows = try Self.object(Self.amd64)
        let expected = (rows["interrupts"] as? [Object] ?? []).map { max(($0["counts"] as? [Any])?.count ?? 0, 1) }.reduce(0, +)
        #expect(lines.count == 1 + expected + 20)
        #expect(lines.first == "table,label,ordinal,cpu,count,chip,hwirq,trigger,affinity,effective_affinity,node,name")
        #expect(lines.allSatisfy { $0.split(separator: ",", omittingEmptySubsequences: false).count == 12 })
        #expect(lines.contains { $0.hasPrefix("interrupts,38,0,1,") && $0.hasSuffix(",ahci[0000:00:1f.2]") })
    }

    @Test func textHasItsTables() throws {
        let result = try Self.list(Self.amd64)
        for part in [
            "Interrupts since boot: ", " on CPU 0-1, Linux 6.1.0-56-amd64", "Softirqs since boot", "nvme0q0", "NET_RX",
            "Local timer interrupts",
        ] {
            #expect(result.text.contains(part), "\(part) is missing")
        }
        #expect(!result.text.contains("\u{1B}") && result.errors.isEmpty)
        #expect(try Self.list(Self.amd64, "--color", "always").text.contains("\u{1B}"))
    }

    @Test func closedPipeIsNoError() throws {
        let result = try shell("'\(Places.command.path)' list --proc-root '\(Self.amd64)' | head -n 1; echo ${PIPESTATUS[0]}")
        #expect(result.text.hasSuffix("\n0\n") && result.errors.isEmpty)
    }

    // MARK: Bad input

    static let bad: [(name: String, make: String)] = [
        ("missing", ":"), ("empty", ": > interrupts"), ("binary", "head -c 100000 /dev/urandom > interrupts"),
        ("directory", "mkdir interrupts"), ("FIFO", "mkfifo interrupts"),
        ("FIFO behind a link", "mkfifo pipe; ln -s pipe interrupts"),
        ("huge sparse file", "truncate -s 100G interrupts"), ("zeros", "truncate -s 1M interrupts"),
        ("endless device", "ln -s /dev/zero interrupts"), ("broken link", "ln -s nowhere interrupts"),
        ("loop of links", "ln -s interrupts interrupts"), ("no CPUs in the header", "echo 'x 5: 1 x' > interrupts"),
        ("a CPU twice", "echo 'CPU0 CPU0' > interrupts"), ("a CPU that cannot be", "echo 'CPU9999999' > interrupts"),
        ("header cut short", "printf 'CPU0  CPU1' > interrupts"), ("blank lines", "printf '\\n\\n\\n' > interrupts"),
    ]

    @Test(arguments: bad.indices) func badInputIsOneClearLine(index: Int) throws {
        let (name, make) = Self.bad[index]
        try withFolder { folder in
            _ = try shell("cd '\(folder)' && \(make)")
            for format in ["text", "json"] {
                // Nothing may wait for a pipe's writer, or read 100 GB.
                let result = try shell("timeout 10 '\(Places.command.path)' list --proc-root '\(folder)' --format \(format)")
                #expect(result.status == 1 && result.output.isEmpty, "\(name): \(result.status) \(result.text)")
                let lines = result.errors.split(separator: "\n", omittingEmptySubsequences: false)
                #expect(lines.count == 2 && lines.last == "", "\(name): \(result.errors)")
                #expect(result.errors.hasPrefix("irqscope: \(folder)/interrupts"), "\(name): \(result.errors)")
            }
        }
    }

    @Test(.enabled(if: getuid() != 0 || program("setpriv") != nil, "root needs setpriv, from util-linux"))
    func unreadableFileIsOneClearLine() throws {
        try withFolder { folder in
            try Self.write("CPU0\n5: 1 x\n", "\(folder)/interrupts")
            _ = try shell("chmod 000 '\(folder)/interrupts'")
            // root reads everything, but not without its capabilities.
            let drop = getuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-all " : ""
            let result = try shell("\(drop)'\(Places.command.path)' list --proc-root '\(folder)'")
            #expect(result.status == 1 && result.output.isEmpty)
            let message = "irqscope: \(folder)/interrupts: Permission denied; run as root, or make it readable\n"
            #expect(result.errors == message)
        }
    }

    /// What can be read is shown, what cannot is told, on standard error.
    @Test func rowsThatCannotBeReadAreTold() throws {
        try withFolder { folder in
            try Self.write("CPU0 CPU1\n5: 1 2 x\n6: 3 y\n7: 99999999999999999999 1 z\n8: 1", "\(folder)/interrupts")
            let result = try Self.list(folder, "--json")
            #expect(result.status == 0)
            #expect(try Self.labels(Oracle.json(result.output)) == ["5"])
            let lines = result.errors.split(separator: "\n").map { String($0) }
            #expect(lines.count == 2)
            #expect(
                lines.first == "irqscope: \(folder)/interrupts, line 3: 1 count where 2 are due: "
                    + "more rows may be missing, 3 rows are left out; save or read it again"
            )
            #expect(lines.last?.contains("\(folder)/softirqs: No such file or directory") == true)
        }
    }

    /// A cut within the words of a row leaves all counts whole, but nobody knows what followed; a table of no rows is none.
    @Test func tablesThatWereCutAreTold() throws {
        try withFolder { folder in
            try Self.write("CPU0 CPU1\n5: 1 2 x\n6: 3 4 PCI-MSI 1-edge et", "\(folder)/interrupts")
            let cut = try Self.list(folder, "--json")
            #expect(try cut.status == 0 && Self.labels(Oracle.json(cut.output)) == ["5", "6"])
            let words = "/interrupts, line 3: the text ends within a row: more rows may be left out; save or read it again\n"
            #expect(cut.errors.contains(words), "\(cut.errors)")
            for text in ["CPU0 CPU1\n", "CPU0 CPU1\n5: 1"] {
                try Self.write(text, "\(folder)/interrupts")
                for words in [["list"], ["doctor"], ["top", "-b", "-n", "1", "--no-trace"]] {
                    let result = try run(Places.command.path, words + ["--proc-root", folder])
                    #expect(result.status == 1 && result.output.isEmpty, "\(words): \(result.text)")
                }
            }
        }
    }

    /// A sum beyond 64 bits is no number; there was a trap in the share of the busiest CPU.
    @Test func sumBeyond64BitsIsUnknown() throws {
        try withFolder { folder in
            let half = "9223372036854775808"
            try Self.write("CPU0 CPU1\nIPI0: \(half) \(half) x\n5: 1 2 y\n", "\(folder)/interrupts")
            try Self.write("CPU0 CPU1\nHI: \(half) \(half)\n", "\(folder)/softirqs")
            let rows = try Self.object(folder)["interrupts"] as? [Object] ?? []
            #expect(rows.first?["total"] is NSNull && rows.last?["total"] as? Int == 3)
            #expect((rows.first?["counts"] as? [NSNumber])?.map(\.uint64Value) == [1 << 63, 1 << 63])
            let text = try Self.list(folder)
            #expect(text.status == 0 && text.text.contains("Interrupts since boot: - on CPU 0-1"))
        }
    }

    @Test func controlBytesInNamesAreNeverRaw() throws {
        try withFolder { folder in
            var bytes = Array("CPU0\n5: 1 chip  9 Level   a".utf8)
            bytes += [0x1B, 0x5B, 0x33, 0x31, 0x6D, 0x07, 0x7F, 0xC2, 0x9B, 0xFF, 0xFE, 0x00, 0xE2, 0x80, 0xAE]
            bytes += Array("b\n\u{1B}]0;x\u{7}: 1 y\u{9D}\n".utf8)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/interrupts"))
            try Self.write("CPU0\n\u{1B}c: 1\n", "\(folder)/softirqs")
            for format in ["text", "json", "csv"] {
                let result = try Self.list(folder, "--format", format)
                #expect(result.status == 0)
                // C1 controls are two bytes in UTF-8.
                let raw = result.text.unicodeScalars.filter { $0.properties.generalCategory == .control && $0 != "\n" }
                #expect(raw.isEmpty, "\(format): \(raw)")
                #expect(String(validating: result.output, as: UTF8.self) != nil, "\(format) is no UTF-8")
            }
            // JSON keeps what it can.
            let rows = try Self.object(folder)["interrupts"] as? [Object] ?? []
            #expect(rows.last?["label"] as? String == "\u{1B}]0;x\u{7}")
        }
    }

    /// Control bytes in a path do not reach a terminal either.
    @Test func controlBytesInPathsAreNeverRaw() throws {
        let result = try Self.list("/nowhere/\u{1B}[31m\u{7}")
        #expect(result.status == 1 && !result.errors.contains("\u{1B}") && !result.errors.contains("\u{7}"))
    }

    /// A file or a pipe gets ranges of CPUs where there are more than 16, each CPU if it is asked for, and lines as wide
    /// as COLUMNS says.
    @Test(arguments: [16, 17, 48, 64]) func manyCPUsAreFolded(cpuCount: Int) throws {
        let proc = try FakeProc(cpus: Array(0..<cpuCount))
        proc.add("36", "PCI-MSIX-0000:00:02.0   1-edge      disk0")
        for cpu in 0..<cpuCount { proc.count("36", [cpu: UInt64(cpu * cpu)]) }
        try proc.publish()
        func list(_ arguments: String..., columns: String? = nil) throws -> [String] {
            let all = ["list", "--irq", "36", "--proc-root", proc.root] + arguments
            let result = try run(Places.command.path, all, environment: columns.map { ["COLUMNS": $0] } ?? [:])
            #expect(result.status == 0)
            return result.text.split(separator: "\n").map { String($0) }
        }
        func counts(_ lines: [String]) throws -> [(low: Int, high: Int, count: Int)] {
            let cells = lines.map { $0.split(separator: " ").map { String($0) } }
            let titles = try #require(cells.dropFirst().first)
            let row = try #require(cells.last)
            return try zip(titles, row).compactMap { title, cell in
                guard let match = title.wholeMatch(of: /CPU([0-9]+)(?:-([0-9]+))?/) else { return nil }
                let low = try #require(Int(match.1))
                return (low, match.2.flatMap { Int($0) } ?? low, try #require(Int(cell.replacing(",", with: ""))))
            }
        }
        let folded = try counts(list())
        #expect(folded.count <= 16 && (cpuCount > 16 || folded.count == cpuCount))
        #expect(folded.flatMap { Array($0.low...$0.high) } == Array(0..<cpuCount))
        for range in folded { #expect(range.count == (range.low...range.high).reduce(0) { $0 + 1000 + $1 * $1 }) }
        let all = try counts(list("--cpus", "all"))
        #expect(all.map(\.count) == (0..<cpuCount).map { 1000 + $0 * $0 })
        for line in try list("--cpus", "all", columns: "80") { #expect(line.count <= 80, "\(line)") }
    }
}
