import Foundation
import TestSupport
import Testing

/// What shells offer after Tab, with the files that are installed.
@Suite struct CompletionTests {
    /// A line up to the cursor, and what may follow: all of it, or some of it.
    struct Line: CustomTestStringConvertible {
        let text: String
        let offers: [String]
        var hasMore = false
        var testDescription: String { text }
    }

    static let lines = [
        Line(text: "rep", offers: ["report"]),
        Line(text: "report --so", offers: ["--sort"]),
        Line(text: "report --sort p9", offers: ["p90", "p99", "p99.9"]),
        Line(text: "list --sort t", offers: ["total"]),
        Line(text: "top --sort d", offers: ["device"]),
        Line(text: "list --format j", offers: ["json"]),
        Line(text: "alert --format n", offers: ["nagios"]),
        Line(text: "top --color a", offers: ["auto", "always"]),
        Line(text: "record --events soft", offers: ["softirq"]),
        Line(text: "record --events irq,soft", offers: ["irq,softirq"]),
        Line(text: "record --compression z", offers: ["zstd"]),
        Line(text: "list --proc-root @box --irq 3", offers: ["30", "31"], hasMore: true),
        Line(text: "list --proc-root @box --cpu ", offers: ["0", "1"], hasMore: true),
        Line(text: "list --proc-root @box --irq 30,3", offers: ["30,31"], hasMore: true),
        Line(text: "report nom", offers: ["nomsi.dat", "nominal file.dat"]),
        Line(text: "report --format csv nomsi", offers: ["nomsi.dat"]),
        Line(text: "record -o nomsi", offers: ["nomsi.dat"]),
    ]

    nonisolated(unsafe) private static let installation = try? Installation(destinationWithPrefix: "/usr")

    /// A directory with two recordings, and a box with some interrupts.
    private static let folder: String = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-tab-\(UUID().uuidString)").path
        let proc = path + "/box"
        try? FileManager.default.createDirectory(atPath: proc, withIntermediateDirectories: true)
        for name in ["nomsi.dat", "nominal file.dat"] { try? Data().write(to: URL(fileURLWithPath: path + "/" + name)) }
        let rows =
            "           CPU0       CPU1\n 30:  1  2  PCI-MSI 1-edge  eth0\n 31:  1  2  PCI-MSI 2-edge  eth1\nLOC: 1 2 Local timer interrupts\n"
        try? Data(rows.utf8).write(to: URL(fileURLWithPath: proc + "/interrupts"))
        return path
    }()

    private func run(_ shell: String, _ script: String, _ arguments: [String]) throws -> [String] {
        let installation = try #require(Self.installation)
        let path = installation.file("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
        let result = try TestSupport.run(
            try #require(program(shell)), ["-c", "cd '\(Self.folder)'\n" + script] + arguments,
            environment: ["PATH": path, "HOME": Self.folder])
        return result.text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }.sorted()
    }

    private func expect(_ offered: [String], _ line: Line, _ shell: String) {
        let offered = Set(offered.map { $0.replacingOccurrences(of: "\\ ", with: " ") })
        #expect(line.hasMore ? offered.isSuperset(of: line.offers) : offered == Set(line.offers), "\(shell): \(offered.sorted())")
    }

    private func words(_ line: Line) -> [String] {
        line.text.replacingOccurrences(of: "@box", with: "box").split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
    }

    /// As readline does it: the words, the place of the cursor, and the function.
    @Test(.enabled(if: program("bash") != nil, "needs bash"), arguments: lines)
    func bash(line: Line) throws {
        let file = try #require(Self.installation).file("share/bash-completion/completions/irqscope")
        let script = """
            source '\(file)'
            COMP_WORDS=(irqscope "$@") COMP_CWORD=$# COMP_LINE="irqscope $*"; COMP_POINT=${#COMP_LINE}
            $(complete -p irqscope | sed 's/.*-F \\([^ ]*\\) .*/\\1/') irqscope "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        expect(try run("bash", script, ["bash"] + words(line)), line, "bash")
    }

    /// The other two complete in a terminal only: what Tab puts on the line, or lists below it.
    @Test(.enabled(if: program("fish") != nil && TestTerminal.isAvailable, "needs fish and tmux"))
    func fish() throws {
        let file = try #require(Self.installation).file("share/fish/vendor_completions.d/irqscope.fish")
        try pressTab(in: "fish --no-config", "source '\(file)'; function fish_prompt; echo '> '; end")
    }

    @Test(.enabled(if: program("zsh") != nil && TestTerminal.isAvailable, "needs zsh and tmux"))
    func zsh() throws {
        let folder = try #require(Self.installation).file("share/zsh/site-functions")
        try pressTab(in: "PS1='> ' zsh -f", prompt: "\n>", "fpath=('\(folder)' $fpath); autoload -U compinit; compinit -u -D")
    }

    /// - Parameter prompt: that of the shell, and not of the one that starts it: what is typed too early may be lost.
    private func pressTab(in shell: String, prompt: String = "> ", _ preparation: String) throws {
        let terminal = try TestTerminal(columns: 100, rows: 30)
        try terminal.type("cd '\(Self.folder)'; PATH=\(try #require(Self.installation).file("bin")):$PATH \(shell)")
        try terminal.press("Enter")
        try terminal.wait(for: prompt)
        try terminal.type(preparation + "; echo read''y")
        try terminal.press("Enter")
        try terminal.wait(for: "\nready")
        for line in Self.lines {
            try terminal.press("C-u", "C-l")
            try terminal.type("irqscope " + words(line).joined(separator: " "))
            try terminal.press("Tab")
            if line.offers.count > 1 || line.hasMore { try terminal.press("Tab") }
            // A file's blank is escaped on the line, and may be in a list.
            for offer in line.offers { try terminal.wait(for: String(offer.prefix { $0 != " " })) }
            try terminal.press("C-c")
        }
    }
}
