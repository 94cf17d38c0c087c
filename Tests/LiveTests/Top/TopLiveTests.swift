import Foundation
import TestSupport
import Testing

/// `irqscope top` against other programs, on the machine that runs the tests.
@Suite struct TopLiveTests {
    typealias Object = [String: Any]

    /// Counts in /proc/interrupts before, and after the last line of the program that runs meanwhile.
    static let sampling = """
        import json, subprocess, sys, time
        def read():
            rows = {}
            with open("/proc/interrupts") as file:
                count = len(file.readline().split())
                for line in file:
                    label, _, rest = line.partition(":")
                    cells = rest.split()[:count]
                    rows[label.strip()] = sum(int(cell) for cell in cells if cell.isdigit())
            return rows, time.monotonic()
        before, start = read()
        top = subprocess.run([sys.argv[1], "top", "-J", "-n", "2", "-d", "0.7"], stdout=subprocess.PIPE)
        after, end = read()
        print(json.dumps({"before": before, "after": after, "seconds": end - start,
                          "lines": [json.loads(line) for line in top.stdout.splitlines()]}))
        """

    /// What it counted in its intervals lies within what Python counted around them.
    @Test func deltasAreWithinThoseOfPython() throws {
        let python = try #require(program("python3"))
        let result = try LiveMachine.use { try run(python, ["-c", Self.sampling, Places.command.path]) }
        let object = try TopLines.object(result.text)
        let before = try #require(object["before"] as? [String: Int])
        let after = try #require(object["after"] as? [String: Int])
        let lines = try #require(object["lines"] as? [Object])
        let outer = try #require(object["seconds"] as? Double)
        #expect(lines.count == 2)
        var compared = 0
        for row in lines[0]["interrupts"] as? [Object] ?? [] {
            guard let label = row["label"] as? String, let first = before[label], let last = after[label] else { continue }
            let inner = lines.compactMap { TopLines.row($0, label)?["delta"] as? Int }.reduce(0, +)
            #expect(inner <= last - first, "\(label)")
            if last - first > 0 { compared += 1 }
        }
        let inner = lines.compactMap { $0["interval_ns"] as? Int }.reduce(0, +)
        #expect(Double(inner) / 1e9 <= outer && inner > 1_300_000_000)
        #expect(compared > 0)
        // The timer ticks all the time: nearly all of its ticks are within.
        let timer = lines.compactMap { TopLines.row($0, "LOC")?["delta"] as? Int }.reduce(0, +)
        if let first = before["LOC"], let last = after["LOC"], last - first > 50 { #expect(timer > 0) }
    }

    @Test(.enabled(if: program("mpstat") != nil, "mpstat is not installed (make test-tools)"))
    func totalsAreAboutThoseOfMpstat() throws {
        let line = """
            LC_ALL=C timeout 20 mpstat -I ALL 2 1 > "$0.mpstat" & '\(Places.command.path)' top -J -n 1 -d 2; wait; cat "$0.mpstat"
            """
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: file + ".mpstat") }
        // mpstat needs its SIGALRM, which Foundation's threads hold back.
        let python = try #require(program("python3"))
        let result = try LiveMachine.use { try run(python, ["-c", TestTerminal.launcher, "/bin/bash", "-c", line, file]) }
        let lines = result.text.split(separator: "\n").map { String($0) }
        let object = try TopLines.object(lines.first)
        // mpstat's columns of /proc/interrupts: the averages per CPU, named in the title. Timer ticks are in all of them.
        let title = try #require(lines.first { $0.contains("LOC/s") }).split(separator: " ").map { String($0) }
        let column = try #require(title.firstIndex(of: "LOC/s"))
        let start = try #require(lines.firstIndex { $0.hasPrefix("Average:") && $0.contains("LOC/s") })
        var theirs = 0.0
        for line in lines[(start + 1)...].prefix(while: { $0.hasPrefix("Average:") && !$0.contains("/s") }) {
            let cells = line.split(separator: " ")
            if cells.count > column { theirs += Double(cells[column]) ?? 0 }
        }
        let ours = Double(truncating: try #require(TopLines.row(object, "LOC")?["per_s"] as? NSNumber))
        #expect(theirs > 0 && ours > theirs / 3 && ours < theirs * 3, "\(ours) against \(theirs) of mpstat")
    }

    // MARK: A CPU goes and returns

    static let switchPath = "/sys/devices/system/cpu/cpu1/online"
    static let canSwitch =
        access(switchPath, W_OK) == 0
        && (try? String(contentsOfFile: switchPath, encoding: .utf8)) == "1\n"

    static func setOnline(_ isOnline: Bool) -> Bool {
        let descriptor = open(switchPath, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return write(descriptor, isOnline ? "1" : "0", 1) == 1
    }

    @Test(.enabled(if: canSwitch, "this machine does not allow to switch \(switchPath)"))
    func cpuGoesOfflineAndReturns() throws {
        try LiveMachine.use(isExclusive: true) {
            // Whatever becomes of this process, the CPU comes back: at the end of this pipe, or after a while.
            let (guardian, pipe) = (Process(), Pipe())
            guardian.executableURL = URL(fileURLWithPath: "/bin/bash")
            guardian.arguments = ["-c", "trap '' HUP INT TERM; read -t 60; echo 1 > \(Self.switchPath)"]
            guardian.standardInput = pipe
            try guardian.run()
            defer {
                #expect(Self.setOnline(true))
                try? pipe.fileHandleForWriting.close()
                #expect((try? String(contentsOfFile: Self.switchPath, encoding: .utf8)) == "1\n")
            }
            let process = try RunningProcess(Places.command.path, ["top", "-b", "--format", "json", "-d", "0.2"])
            var lines: [Object] = []
            func next(_ what: String, _ isWanted: (Object) -> Bool) throws -> Object {
                try TopLines.next(process, what) {
                    lines.append($0); return isWanted($0)
                }
            }
            let all = try #require(try next("a line") { _ in true }["cpus"] as? [Int])
            try #require(all.contains(1))
            if !Self.setOnline(false) { try Test.cancel("the kernel did not let CPU 1 go") }
            let without = try next("a CPU less") { !(($0["cpus"] as? [Int])?.contains(1) ?? true) }
            #expect(without["cpus"] as? [Int] == all.filter { $0 != 1 })
            _ = try next("one more") { _ in true }
            try #require(Self.setOnline(true))
            let back = try next("the CPU again") { ($0["cpus"] as? [Int])?.contains(1) ?? false }
            let column = try #require(all.firstIndex(of: 1))
            for row in back["interrupts"] as? [Object] ?? [] where row["kind"] as? String == "per_cpu" {
                #expect(TopLines.numbers(row["per_cpu_per_s"])[column] == nil, "\(row["label"] ?? "")")
            }
            let later = try next("its numbers") { _ in true }
            #expect(TopLines.numbers(TopLines.row(later, "LOC")?["per_cpu_per_s"])[column] != nil)
            // Nowhere a number that cannot be: a count since boot taken for an interval, or one below 0.
            for line in lines {
                for row in (line["interrupts"] as? [Object] ?? []) + (line["softirqs"] as? [Object] ?? []) {
                    for rate in TopLines.numbers(row["per_cpu_per_s"]) + [(row["per_s"] as? NSNumber)?.doubleValue] {
                        #expect(rate ?? 0 >= 0 && rate ?? 0 < 2_000_000, "\(row)")
                    }
                }
            }
        }
        #expect(try String(contentsOfFile: Self.switchPath, encoding: .utf8) == "1\n")
    }
}
