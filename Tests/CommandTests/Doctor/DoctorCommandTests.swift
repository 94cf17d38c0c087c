import Foundation
import TestSupport
import Testing

/// `irqscope doctor` as it is called: forms, statuses, copies of every kind, and bad input.
@Suite struct DoctorCommandTests {
    static let box = Places.fixtures.appendingPathComponent("doctor/acpi-gpe").path
    static let archive = Places.fixtures.appendingPathComponent("doctor/one-cpu-nic.tar.zst").path
    static let boxes = ["acpi-gpe", "irqaffinity-all.tar.zst", "nobody-cared.tar.zst", "one-cpu-nic.tar.zst"]

    static func findings(_ words: String...) throws -> [[String: Any]] {
        let result = try run(Places.command.path, ["doctor", "-J"] + words)
        let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        #expect(object["schema"] as? String == "irqscope.doctor.v1")
        return try #require(object["findings"] as? [[String: Any]])
    }

    /// The lines `expect` and `forbid` in each box's README, by the script that came with them.
    @Test(.enabled(if: program("python3") != nil, "needs python3"), arguments: boxes)
    func boxesAreJudgedAsTheyShould(name: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let place = Places.fixtures.appendingPathComponent("doctor/\(name)").path
        let result = try irqscope("doctor", "-J", "--root", place)
        let json = folder.appendingPathComponent("found.json")
        try result.output.write(to: json)
        var box = place
        if name.hasSuffix(".zst") {
            let unpacked = try shell("zstd -dcq '\(place)' | tar -C '\(folder.path)' -xf -")
            try #require(unpacked.status == 0, "\(unpacked.errors)")
            box = folder.appendingPathComponent(String(name.dropLast(8))).path
            // What the archive tells, the folder tells.
            #expect(try irqscope("doctor", "-J", "--root", box).text == result.text)
        }
        let script = Places.repository.appendingPathComponent("Tests/oracle/doctor-judge.py").path
        let judged = try run("/usr/bin/env", ["python3", script, box, json.path])
        #expect(judged.status == 0, "\(judged.text)")
    }

    @Test func statusFollowsTheSeverity() throws {
        #expect(try irqscope("doctor", "--root", Self.box).status == 0)
        #expect(try irqscope("doctor", "--root", Self.box, "--fail-on", "crit").status == 2)
        #expect(try irqscope("doctor", "--root", Self.box, "--fail-on", "warn").status == 2)
        #expect(try irqscope("doctor", "--root", Self.box, "--fail-on", "note").status == 64)
        let missing = try irqscope("doctor", "--root", "/nonexistent")
        #expect(missing.status == 1 && missing.errors.contains("/nonexistent: No such file or directory; check --root"))
        #expect(missing.text.isEmpty)
    }

    /// With one sample there are means since boot, which prove nothing.
    @Test func oneSampleGivesNotes() throws {
        let found = try Self.findings(
            "--proc-root", Self.box + "/later/proc", "--sys-root", Self.box + "/later/sys")
        #expect(found.allSatisfy { $0["severity"] as? String == "note" })
        let whole = try Self.findings("--proc-root", Self.box + "/proc", "--sys-root", Self.box + "/sys")
        #expect(whole.contains { $0["check"] as? String == "storm-acpi" && $0["severity"] as? String == "crit" })
    }

    /// Copies whose time nobody knows: no interval and no rates, rather than those of a second or since boot.
    @Test(arguments: ["proc/uptime later/proc/uptime", "later/proc/uptime", "proc/uptime", "equal", "back", "later proc/uptime"])
    func withoutTimesThereAreNoRates(lost: String) throws {
        let folder = try TestFolder()
        _ = try shell("zstd -dcq '\(Self.archive)' | tar -C '\(folder.path)' -xf -")
        let box = folder.path + "/one-cpu-nic"
        switch lost {
        case "equal": _ = try shell("cp '\(box)/proc/uptime' '\(box)/later/proc/uptime'")
        case "back": _ = try shell("cd '\(box)' && mv proc/uptime up && mv later/proc/uptime proc && mv up later/proc/uptime")
        default: _ = try shell("cd '\(box)' && rm -r \(lost)")
        }
        func json(_ words: String...) throws -> String {
            let result = try run(Places.command.path, words + ["--root", box, "-J"])
            #expect(result.status == 0, "\(result.errors)")
            return result.text
        }
        #expect(try json("doctor").contains("\"interval_ns\":null"))
        for words in [["affinity", "plan", "spread"], ["affinity", "show"]] {
            let result = try run(Places.command.path, words + ["--root", box, "-J"])
            #expect(result.text.contains("\"per_s\":null"), "\(words)")
            #expect(result.text.firstMatch(of: /"per_s":[0-9]/) == nil, "\(words)")
        }
        let plan = try irqscope("affinity", "plan", "spread", "--root", box).text
        #expect(!plan.contains("/s\n") && plan.contains("rates are unknown"), "\(plan)")
        #expect(try irqscope("doctor", "--root", box).text.firstMatch(of: /[0-9.]+[kM]?\/s/) == nil)
    }

    /// A copy whose table was cut in either sample, and an archive that was cut.
    @Test(arguments: ["proc", "later/proc", "proc later/proc"]) func copiesThatWereCutAreTold(places: String) throws {
        let folder = try TestFolder()
        _ = try shell("zstd -dcq '\(Self.archive)' | tar -C '\(folder.path)' -xf -")
        let box = folder.path + "/one-cpu-nic"
        for place in places.split(separator: " ") { _ = try shell("truncate -s 700 '\(box)/\(place)/interrupts'") }
        let result = try irqscope("doctor", "-v", "--root", box)
        #expect(result.errors.contains("the text ends within a row"), "\(result.errors)")
        #expect(result.text.contains("unknown  one-cpu-device: proc/interrupts of the "), "\(result.text)")
    }

    @Test func archivesThatWereCutAreRefused() throws {
        let folder = try TestFolder()
        let made = try shell("zstd -dcq '\(Self.archive)' >'\(folder.file("whole.tar"))'")
        try #require(made.status == 0)
        for count in [20_000, 20_480] {
            _ = try shell("head -c \(count) '\(folder.file("whole.tar"))' >'\(folder.file("cut.tar"))'")
            let result = try irqscope("doctor", "--root", folder.file("cut.tar"))
            #expect(result.status == 1 && result.errors.contains("it was cut short"), "\(result.errors)")
        }
    }

    @Test func formsAgree() throws {
        let text = try irqscope("doctor", "--root", Self.archive).text
        let nagios = try irqscope("doctor", "--root", Self.archive, "--format", "nagios").text
        let page = try irqscope("doctor", "--root", Self.archive, "--format", "html").text
        #expect(text.contains("CRIT ksoftirqd-busy"))
        #expect(nagios.hasPrefix("IRQSCOPE CRITICAL - ") && nagios.contains("'crit'=1;;;0;"))
        for part in ["ksoftirqd-busy", "prefers-color-scheme", "@media print"] { #expect(page.contains(part)) }
        #expect(page.contains("<svg ") && page.contains("aria-label=\"Checks: 1 critical, "))
        #expect(page.contains("\nirqscope affinity apply spread --device ens192\n") && !page.contains("\\x0a"))
        for part in ["<script", "http:", "https:", "src=", "url("] { #expect(!page.contains(part)) }
    }

    /// A class without a rule lets a cell fall back to that of all cells, which cuts its text.
    @Test func classesOfThePageHaveRules() throws {
        let page = try irqscope("doctor", "--root", Self.box, "--format", "html").text
        let classes = Set(page.matches(of: /class="([^"]*)"/).flatMap { $0.1.split(separator: " ").map(String.init) })
        #expect(classes.isSuperset(of: ["find", "wrap"]))
        let style = page.prefix(upTo: try #require(page.range(of: "</style>")).lowerBound)
        for name in classes.sorted() {
            #expect(style.matches(of: try Regex("\\.\(name)[^a-z]")).isEmpty == false, "\(name) has no rule")
        }
        #expect(page.contains("<p class=\"small soft\">Trust: ") && page.contains("<p class=\"small soft\">From: "))
    }

    /// Foreign names never reach a terminal raw, nor a shell.
    @Test func foreignNamesAreEscaped() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: Self.box, toPath: folder.path)
        defer { try? FileManager.default.removeItem(at: folder) }
        for sample in ["proc", "later/proc"] {
            let file = folder.appendingPathComponent("\(sample)/interrupts")
            let text = try String(contentsOf: file, encoding: .utf8)
            try text.replacing("acpi", with: "acpi, \u{1B}[31m<script>`reboot`").write(to: file, atomically: true, encoding: .utf8)
        }
        for format in ["text", "html", "nagios", "json"] {
            let result = try irqscope("doctor", "--root", folder.path, "-v", "--format", format)
            #expect(result.status == 0 && !result.output.contains(0x1B))
            #expect(!result.text.contains("<script>") || format != "html")
        }
    }

    @Test func everyCheckIsExplained() throws {
        let all = try irqscope("doctor", "--explain", "all", "-J")
        let object = try #require(try JSONSerialization.jsonObject(with: all.output) as? [String: Any])
        let checks = try #require(object["checks"] as? [[String: Any]])
        for check in checks {
            for key in ["name", "title", "meaning", "rule", "trust"] {
                #expect((check[key] as? String)?.isEmpty == false, "\(check["name"] ?? "") says nothing of its \(key)")
            }
            #expect((check["reads"] as? [String])?.isEmpty == false)
        }
        let one = try irqscope("doctor", "--explain", "storm-acpi").text
        #expect(one.contains("storm-acpi: one firmware event floods") && one.contains("judged by"))
        let unknown = try irqscope("doctor", "--explain", "nonsense")
        #expect(unknown.status == 64 && unknown.errors.contains("the checks are "))
    }

    // MARK: Bad archives

    @Test(arguments: [0, 1, 100, 512, 3000]) func cutArchivesAreRefused(count: Int) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Self.archive))
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-\(UUID().uuidString).tar.zst")
        try bytes.prefix(count).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let result = try irqscope("doctor", "--root", file.path)
        #expect(result.status == 1 && result.text.isEmpty)
        #expect(result.errors.hasPrefix("irqscope: \(file.path): "), "\(result.errors)")
    }

    @Test func otherFilesAreNoArchives() throws {
        let result = try irqscope("doctor", "--root", Places.repository.appendingPathComponent("README.md").path)
        #expect(result.status == 1 && result.errors.contains("begins no entry of a tar archive"))
    }
}
