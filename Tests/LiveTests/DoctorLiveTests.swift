import Foundation
import TestSupport
import Testing

/// `doctor` on this machine as it runs: busy, with a CPU that is to be left alone, beside a real irqbalance.
@Suite(.serialized, .enabled(if: geteuid() == 0, "needs root"))
struct DoctorLiveTests {
    /// What was found, by check: the severity and the evidence.
    static func found(_ words: String...) throws -> [String: (severity: String, evidence: String)] {
        let result = try run(Places.command.path, ["doctor", "-J", "--quick"] + words)
        #expect(result.status == 0, "\(result.errors)")
        let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        var found: [String: (severity: String, evidence: String)] = [:]
        for finding in try #require(object["findings"] as? [[String: Any]]) {
            let check = try #require(finding["check"] as? String)
            found[check] = (finding["severity"] as? String ?? "", finding["evidence"] as? String ?? "")
        }
        return found
    }

    static func file(_ path: String) -> String {
        ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The counts of all lines by CPU, read without our reader.
    static func counts() throws -> [String: [Int]] {
        let lines = try String(contentsOfFile: "/proc/interrupts", encoding: .utf8).split(separator: "\n")
        let cpuCount = lines[0].split(separator: " ").count
        var counts: [String: [Int]] = [:]
        for line in lines.dropFirst() {
            let words = line.split(separator: " ")
            guard Int(words[0].dropLast()) != nil else { continue }
            counts[String(words[0])] = words.dropFirst().prefix(cpuCount).compactMap { Int($0) }
        }
        return counts
    }

    /// True if one CPU served nine of ten interrupts of three lines or more.
    static func isOneCPU(_ before: [String: [Int]], _ after: [String: [Int]]) -> Bool {
        var (perCPU, moved) = ([Int](), 0)
        for (line, counts) in after {
            let deltas = zip(counts, before[line] ?? counts.map { _ in 0 }).map(-)
            if deltas.contains(where: { $0 > 0 }) { moved += 1 }
            while perCPU.count < deltas.count { perCPU.append(0) }
            for (cpu, delta) in deltas.enumerated() { perCPU[cpu] += delta }
        }
        return moved >= 3 && (perCPU.max() ?? 0) * 10 >= perCPU.reduce(0, +) * 9
    }

    /// Ten thousand reads a second are what a disk is for.
    @Test func aBusyDiskIsNoFinding() throws {
        let calm = try Self.found()
        let script = """
            dd if=/dev/zero of=$0 bs=1M count=64 2>/dev/null
            while [ -e $0 ]; do dd if=$0 of=/dev/null iflag=direct bs=4k 2>/dev/null; done
            """
        let place = Places.repository.appendingPathComponent(".build/busy-\(UUID().uuidString)").path
        let reader = try RunningProcess("/bin/sh", ["-c", script, place])
        defer {
            unlink(place)
            #expect(reader.status() != nil)
        }
        usleep(1_000_000)
        func interrupts() throws -> Int {
            let rows = try #require(try Oracle.json(irqscope("list", "-J").output)["interrupts"] as? [[String: Any]])
            return rows.filter { $0["kind"] as? String == "per_cpu" && $0["irq"] is Int }
                .reduce(0) { $0 + ($1["total"] as? Int ?? 0) }
        }
        let before = (try interrupts(), try Self.counts())
        let busy = try Self.found()
        let after = (try interrupts(), try Self.counts())
        try #require(after.0 - before.0 > 4_000, "the disk was not read")
        for (check, finding) in busy where finding.severity != "note" {
            if check == "one-cpu-all", calm[check] == nil {
                // So busy, the rule on all lines asks where they are served, which is this box's own affair: it must be so.
                #expect(Self.isOneCPU(before.1, after.1), "\(finding.evidence)")
                continue
            }
            #expect(calm[check]?.severity == finding.severity, "\(check): \(finding.evidence)")
        }
    }

    /// A CPU that shall be left alone: what the kernel's own masks say is found, by this machine's files.
    @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount > 1, "needs two CPUs"))
    func masksThatHoldALatencyCPUAreFound() throws {
        let plain = try Self.found()
        let found = try Self.found("--latency-cpus", "1")
        func holds(_ mask: String) -> Bool {
            UInt64(mask.split(separator: ",").last.map(String.init) ?? "", radix: 16).map { $0 & 2 != 0 } ?? false
        }
        let files = [
            ("default-mask", "/proc/irq/default_smp_affinity"),
            ("iso-workqueue", "/sys/devices/virtual/workqueue/cpumask"),
        ]
        for (check, path) in files {
            let mask = Self.file(path)
            #expect((found[check] != nil) == holds(mask), "\(check): \(mask)")
            if let finding = found[check] { #expect(finding.severity == "warn" && finding.evidence.contains("isolated 1")) }
            if !Self.file("/sys/devices/system/cpu/isolated").isEmpty { continue }
            #expect(plain[check] == nil, "\(check)")
        }
    }

    /// The program of Debian's package, unpacked and not installed; nil if libraries of it are missing.
    static let balancer: String? = {
        guard let program = program("irqbalance"),
            let libraries = try? shell("ldd '\(program)'")
        else { return nil }
        return libraries.text.contains("not found") ? nil : program
    }()

    /// Runs it for a while with /proc/irq read-only, as it sees it: it moves nothing here.
    private func irqbalance(_ environment: String, _ body: (Int32) throws -> Void) throws {
        let script = """
            mount --bind /proc/irq /proc/irq && mount -o remount,ro,bind /proc/irq &&
            exec env \(environment) '\(Self.balancer ?? "")' --foreground --interval=1
            """
        let process = try RunningProcess("/usr/bin/unshare", ["-m", "/bin/sh", "-c", script])
        defer {
            kill(process.id, SIGTERM)
            _ = process.status()
        }
        for _ in 0..<100 where Self.file("/proc/\(process.id)/comm") != "irqbalance" { usleep(50_000) }
        try #require(Self.file("/proc/\(process.id)/comm") == "irqbalance")
        usleep(300_000)
        try body(process.id)
    }

    @Test(.enabled(if: ProcessInfo.processInfo.activeProcessorCount == 2 && balancer != nil, "needs two CPUs and irqbalance"))
    func irqbalanceIsKnownByItsEnvironment() throws {
        let masks = "cat /proc/irq/*/smp_affinity /proc/irq/*/effective_affinity"
        let before = try shell(masks).text
        #expect(try Self.found()["irqbalance-bans"] == nil)
        try irqbalance("IRQBALANCE_BANNED_CPULIST=0-1") { _ in
            let finding = try #require(try Self.found()["irqbalance-bans"])
            #expect(finding.evidence.contains("IRQBALANCE_BANNED_CPULIST=0-1 bans all CPUs (0-1)"), "\(finding)")
        }
        try irqbalance("IRQBALANCE_BANNED_CPULIST=0") { id in
            #expect(try Self.found()["irqbalance-bans"] == nil)
            let finding = try #require(try Self.found("--latency-cpus", "1")["irqbalance-bans"])
            #expect(finding.evidence.contains("leaves isolated 1 open"), "\(finding)")
            // `apply` writes nothing that it would undo.
            let goals = [["spread"], ["isolate", "--away", "0"], ["isolate", "--away", "1"]]
            let goal = try goals.first { goal in
                let plan = try Oracle.json(run(Places.command.path, ["affinity", "plan"] + goal + ["-J"]).output)
                return (plan["writes"] as? [Any])?.isEmpty == false
            }
            let script = "mkdir -p /var/lib/irqscope && mount -t tmpfs none /var/lib/irqscope && exec \"$0\" affinity apply \"$@\" --yes"
            let words = ["-m", "/bin/sh", "-c", script, Places.command.path] + (try #require(goal, "a plan that writes"))
            let refused = try run("/usr/bin/unshare", words)
            #expect(refused.status == 1 && refused.errors.contains("nothing is written: irqbalance runs"), "\(refused.errors)")
            #expect(kill(id, 0) == 0)
        }
        #expect(try shell(masks).text == before)
    }
}
