import Foundation
import TestSupport
import Testing

/// The crontab that is installed as an example: how cron reads it, and what a user sees.
@Suite struct CronTests {
    /// A line of a crontab in /etc/cron.d.
    struct Entry {
        let times: [Substring]
        let user: Substring
        let command: String

        /// nil for comments and empty lines.
        init?(_ line: Substring) {
            let words = line.split(separator: " ", maxSplits: 6)
            guard words.count == 7, words[0] == "*" || words[0].first?.isNumber == true else { return nil }
            (times, user, command) = (Array(words[0..<5]), words[5], String(words[6]))
        }
    }

    /// The entries; `isActive` or those that are commented out.
    static func entries(_ text: String, isActive: Bool) -> [Entry] {
        text.split(separator: "\n").compactMap { line in
            isActive ? Entry(line) : line.hasPrefix("#") ? Entry(line.dropFirst()) : nil
        }
    }

    /// Runs a command as cron does: by /bin/sh with next to no environment, without a terminal.
    static func cron(_ command: String, _ box: FakeBox) throws -> ProcessResult {
        try box.write()
        try Data("\(box.clock.awake),\(box.clock.boot),\(box.clock.wall)".utf8)
            .write(to: URL(fileURLWithPath: box.root + "/clock"))
        return try run(
            "/usr/bin/env", ["-i", "HOME=/root", "LOGNAME=root", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", "/bin/sh", "-c", command])
    }

    @Test func cronCanReadIt() throws {
        let text = try Installation(destinationWithPrefix: "/usr/local").text(Installation.cron)
        let active = Self.entries(text, isActive: true)
        #expect(active.map(\.command) == ["/usr/local/bin/irqscope alert --sample 2s"])
        #expect(active.first?.times == ["*", "*", "*", "*", "*"] && active.first?.user == "root")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // Whatever is no comment is an entry, and the last line has its end, without which cron passes it over.
        #expect(lines.filter { !$0.isEmpty && !$0.hasPrefix("#") }.count == active.count && lines.last == "")
        // cron passes over names with a dot, and takes a per cent sign for the end of a line.
        #expect((Installation.cron as NSString).lastPathComponent.wholeMatch(of: /[A-Za-z0-9_-]+/) != nil)
        #expect(!(active + Self.entries(text, isActive: false)).contains { $0.command.contains("%") })
    }

    @Test func silentUntilThereIsSomethingToMail() throws {
        let box = try FakeBox()
        let installation = try Installation(lookingAt: box)
        let command = try #require(Self.entries(try installation.text(Installation.cron), isActive: true).first).command
        for _ in 0..<3 {
            let calm = try Self.cron(command, box)
            #expect(calm.status == 0 && calm.text.isEmpty && calm.errors.isEmpty, "\(calm.text)\(calm.errors)")
            box.pass(60, ["36": (0, 100)])
        }
        _ = try Self.cron(command, box)
        box.pass(60, ["36": (0, 150_000)])
        let storm = try Self.cron(command, box)
        #expect(storm.status == 2 && storm.text.hasPrefix("CRITICAL storm: irq 36 gadget0 "), "\(storm.text)")
        #expect(storm.text.split(separator: "\n").count == 1 && storm.errors.isEmpty)
        // No colours in a mail.
        #expect(!storm.text.contains("\u{1B}"))
    }

    @Test func othersDoWhatTheySay() throws {
        let box = try FakeBox()
        let installation = try Installation(lookingAt: box)
        let commands = Self.entries(try installation.text(Installation.cron), isActive: false).map(\.command)
        try #require(commands.count == 2)
        let changes = try #require(commands.first { $0.contains("--changes") })
        let output = box.root + "/irqscope.prom"
        let metrics = try #require(commands.first { $0.contains("--output") })
            .replacing("/var/lib/prometheus/node-exporter/irqscope.prom", with: output)
        #expect(metrics.contains(output))
        _ = try Self.cron(changes, box)
        var told: [String] = []
        for rate in [150_000, 150_000, 0, 0] {
            box.pass(60, ["36": (0, Double(rate))])
            told.append(try Self.cron(changes, box).text)
        }
        #expect(told[0].hasPrefix("CRITICAL storm") && told[1].isEmpty && told[2].hasPrefix("OK storm") && told[3].isEmpty, "\(told)")
        box.pass(60, ["36": (0, 150_000)])
        let quiet = try Self.cron(metrics, box)
        #expect(quiet.status == 2 && quiet.text.isEmpty && quiet.errors.isEmpty)
        #expect(try String(contentsOfFile: output, encoding: .utf8).contains("irqscope_alert_level{verdict=\"storm\"} 2\n"))
    }
}
