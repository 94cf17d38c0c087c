import Foundation
import TestSupport
import Testing

/// `irqscope sample` on the tracefs of this machine.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct SampleLiveTests {
    /// A state and metrics of its own.
    final class Box {
        let folder = try! TestFolder()
        var state: String { folder.file("s") }
        var metrics: String { folder.file("m.prom") }
        var text: String { (try? String(contentsOfFile: metrics, encoding: .utf8)) ?? "" }

        func words(_ more: [String] = []) -> [String] {
            [Places.command.path, "sample", "--state", state, "-o", metrics, "--duration", "300ms"] + more
        }

        func sample(_ more: String...) throws -> ProcessResult {
            let words = words(more)
            return try run(words[0], Array(words.dropFirst()))
        }

        /// The sum of a metric's series of which `part` is a part.
        func sum(_ metric: String, _ part: String = "") -> Double {
            text.split(separator: "\n").reduce(0) { sum, line in
                guard line.hasPrefix(metric), ["{", " "].contains(line.dropFirst(metric.count).prefix(1)),
                    part.isEmpty || line.contains(part)
                else {
                    return sum
                }
                return sum + (line.split(separator: " ").last.flatMap { Double($0) } ?? 0)
            }
        }
    }

    /// Reads of a disk past the cache, from the first to the last.
    static func readDisk() throws {
        let result = try shell(
            """
            file=/var/tmp/scratch
            [ -s $file ] || dd if=/dev/zero of=$file bs=1M count=64 2>/dev/null
            dd if=$file of=/dev/null iflag=direct bs=4k count=3000 2>/dev/null
            """)
        #expect(result.status == 0)
    }

    /// As many calls of the disk's handlers as the kernel counted of its interrupts: not fewer than came while it certainly
    /// traced, not more than came from before to after.
    @Test func callsAreThoseOfTheCounters() throws {
        try Self.readDisk()
        let (box, settings, foreign) = (Box(), try Tracefs.topSettings(), try Tracefs.foreignInstances())
        var before = 0.0
        for run in 1...2 {
            let outer = try AlertLookTests.diskCount()
            let recorder = try Recorder(box.words(["--duration", "3s"]))
            try recorder.waitForTrace()
            let inner = try AlertLookTests.diskCount()
            try Self.readDisk()
            let end = try AlertLookTests.diskCount()
            #expect(recorder.isRunning, "the reads took too long to say anything")
            #expect(recorder.status() == 0 && recorder.text.isEmpty && recorder.errors.isEmpty, "\(recorder.errors)")
            let last = try AlertLookTests.diskCount()
            #expect(try Tracefs.instances(of: recorder.id) == [])
            let calls = box.sum("irqscope_handler_calls_total", "kind=\"storage\"") - before
            #expect(calls >= Double(end - inner) && calls <= Double(last - outer), "\(end - inner) \(calls) \(last - outer)")
            #expect(end - inner >= 1_000)
            #expect(box.sum("irqscope_sampled_seconds_total") == Double(3 * run) && box.sum("irqscope_samples_total") == Double(run))
            #expect(box.sum("irqscope_sample_lost_events_total") == 0)
            let count = box.sum("irqscope_handler_duration_seconds_count")
            let all = box.sum("irqscope_handler_calls_total")
            #expect(count <= all && count >= all - 8, "of few calls the end was not seen")
            #expect(box.sum("irqscope_handler_duration_seconds_bucket", "le=\"+Inf\"") == count)
            let took = box.sum("irqscope_handler_duration_seconds_sum")
            #expect(took > count * 100e-9 && took < Double(3 * run) * box.sum("irqscope_sample_cpus"))
            before += calls
        }
        #expect(box.text.contains("action=\"virtio") && box.text.contains("-req.*\",kind=\"storage\",driver=\"virtio"), "\(box.text)")
        #expect(try Tracefs.topSettings() == settings && Tracefs.foreignInstances().isSuperset(of: foreign))
        if let promtool = program("promtool") {
            let checked = try run(promtool, ["check", "metrics"], input: Data(box.text.utf8))
            #expect(checked.status == 0 && checked.text.isEmpty && checked.errors.isEmpty, "\(checked.errors)")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: box.metrics)[.posixPermissions] as? Int
        #expect(mode == 0o644, "node_exporter is another user")
    }

    @Test func formsAreTheSame() throws {
        let box = Box()
        let plain = try run(Places.command.path, ["sample", "--state", box.state, "--duration", "200ms"])
        #expect(plain.status == 0 && plain.text.hasPrefix("# HELP irqscope_sampled_seconds_total ") && plain.errors.isEmpty)
        let json = try run(Places.command.path, ["sample", "--state", box.state, "--duration", "200ms", "-J"])
        let object = try #require(try JSONSerialization.jsonObject(with: json.output) as? [String: Any])
        #expect(object["sampled_ns"] as? Int == 400_000_000 && object["samples"] as? Int == 2)
        let softirqs = object["softirqs"] as? [[String: Any]] ?? []
        #expect(softirqs.contains { $0["name"] as? String == "TIMER" })
        for row in softirqs {
            let duration = row["duration"] as? [String: Any] ?? [:]
            #expect((duration["buckets"] as? [Int])?.reduce(0, +) == duration["count"] as? Int)
        }
    }

    /// Runs at once each add what they saw.
    @Test func runsAtOnceAddUp() throws {
        let box = Box()
        let recorders = try (0..<4).map { _ in try Recorder(box.words()) }
        for recorder in recorders { #expect(recorder.status() == 0 && recorder.errors.isEmpty, "\(recorder.errors)") }
        #expect(abs(box.sum("irqscope_sampled_seconds_total") - 1.2) < 1e-9 && box.sum("irqscope_samples_total") == 4)
        #expect(try FileManager.default.contentsOfDirectory(atPath: box.folder.path).sorted() == ["m.prom", "s", "s.lock"])
    }

    // MARK: Counts that begin anew

    @Test func anotherBootBeginsAt0() throws {
        if try shell("unshare -m true").status != 0 { try Test.cancel("there are no mount namespaces here") }
        let box = Box()
        for _ in 0..<2 { #expect(try box.sample().status == 0) }
        #expect(abs(box.sum("irqscope_sampled_seconds_total") - 0.6) < 1e-9)
        let boot = box.folder.file("boot_id")
        try Data("99999999-2222-3333-4444-555555555555\n".utf8).write(to: URL(fileURLWithPath: boot))
        let words = box.words().map { "'\($0)'" }.joined(separator: " ")
        let result = try shell("unshare -m /bin/sh -c \"mount --bind \(boot) /proc/sys/kernel/random/boot_id && exec \(words)\"")
        #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        #expect(box.sum("irqscope_sampled_seconds_total") == 0.3 && box.sum("irqscope_samples_total") == 1)
    }

    @Test func damagedSumsAreKeptAside() throws {
        let box = Box()
        #expect(try box.sample().status == 0)
        var bytes = try Data(contentsOf: URL(fileURLWithPath: box.state))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: box.state))
        let result = try box.sample()
        #expect(result.status == 0 && result.errors.contains("kept as \(box.state).bad; all counts begin at 0"), "\(result.errors)")
        #expect(box.sum("irqscope_samples_total") == 1)
        #expect(try Data(contentsOf: URL(fileURLWithPath: box.state + ".bad")) == bytes)
    }

    // MARK: Trouble

    /// Told at once, in one line; nothing is traced and nothing of others is touched.
    @Test func placesAreLookedAtFirst() throws {
        let box = Box()
        let foreign = box.folder.file("foreign")
        try Data("precious\n".utf8).write(to: URL(fileURLWithPath: foreign))
        let alert = box.folder.file("alert.prom")
        try Data("# HELP irqscope_last_run_timestamp_seconds When irqscope alert ran last.\n".utf8).write(to: URL(fileURLWithPath: alert))
        for (words, part) in [
            (["-o", box.folder.path], "only a file of irqscope is ever replaced"), (["-o", foreign], "no metrics file of irqscope sample"),
            (["-o", alert], "no metrics file of irqscope sample"), (["-o", "/nowhere/m.prom"], "No such file"),
            (["--state", foreign], "no state of irqscope sample"), (["--state", box.folder.path], "only a file of irqscope"),
            (["--tracing-root", "/tmp"], "not the kernel's tracefs"),
        ] {
            let (recorder, start) = (try Recorder(box.words(["--duration", "5s"] + words)), Date())
            #expect(recorder.status() == 1 && recorder.text.isEmpty && recorder.errors.contains(part), "\(words) \(recorder.errors)")
            #expect(recorder.errors.split(separator: "\n").count == 1 && Date().timeIntervalSince(start) < 4, "\(recorder.errors)")
        }
        #expect(try String(contentsOfFile: foreign, encoding: .utf8) == "precious\n")
        // The metrics of alert are not replaced by those of sample, nor the other way round.
        #expect(try box.sample().status == 0)
        let other = try run(Places.command.path, ["alert", "--state", box.folder.file("a"), "--output", box.metrics])
        #expect(other.status == 3 && other.errors.contains("no metrics file of irqscope alert"), "\(other.errors)")
    }

    /// A disk that is full: the old file stays whole, and nothing else is left.
    @Test func aFullDiskLeavesWhatWasThere() throws {
        if try shell("unshare -m true").status != 0 { try Test.cancel("there are no mount namespaces here") }
        let box = Box()
        let words = box.words().map { "'\($0)'" }.joined(separator: " ")
        let script = """
            mount -t tmpfs -o size=64k none '\(box.folder.path)' && cd '\(box.folder.path)' && \(words) || exit 9
            cp m.prom /dev/shm/before.$$
            dd if=/dev/zero of=fill bs=1k 2>/dev/null
            \(words); echo "status $?"
            cmp m.prom /dev/shm/before.$$ && rm /dev/shm/before.$$
            ls
            """
        let file = try TestFolder()
        try Data(script.utf8).write(to: URL(fileURLWithPath: file.file("script")))
        let result = try shell("unshare -m /bin/bash '\(file.file("script"))'")
        #expect(result.text == "status 1\nfill\nm.prom\ns\ns.lock\n", "\(result.text)\(result.errors)")
        #expect(result.errors.contains("No space left on device") && result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }

    @Test func standardOutputMayFailOrClose() throws {
        let box = Box()
        let words = "\(Places.command.path) sample --state \(box.state) --duration 100ms"
        let full = try shell("\(words) >/dev/full")
        #expect(full.status == 1 && full.errors.contains("No space left"), "\(full.errors)")
        let closed = try shell("set -o pipefail; \(words) | true")
        #expect(closed.status == 0 && closed.errors.isEmpty, "\(closed.errors)")
    }

    /// Ended while it traces: nothing was added, nothing is left.
    @Test func endedWhileItTraces() throws {
        let box = Box()
        #expect(try box.sample().status == 0)
        let (state, metrics) = (try Data(contentsOf: URL(fileURLWithPath: box.state)), box.text)
        for number in [SIGTERM, SIGINT, SIGSEGV, SIGKILL] {
            let recorder = try Recorder(box.words(["--duration", "20s"]))
            try recorder.waitForTrace()
            recorder.send(number)
            #expect(recorder.status() == 128 + number, "\(recorder.errors)")
            if number != SIGKILL { #expect(try Tracefs.instances(of: recorder.id) == []) }
            #expect(try Data(contentsOf: URL(fileURLWithPath: box.state)) == state && box.text == metrics)
            if number == SIGKILL {
                #expect(try box.sample().status == 0)
                #expect(try Tracefs.instances(of: recorder.id) == [], "the next run removes what SIGKILL leaves")
            }
        }
    }
}
