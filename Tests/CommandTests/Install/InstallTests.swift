import Foundation
import TestSupport
import Testing

/// What `make install` puts where, and that `make uninstall` takes it away.
@Suite struct InstallTests {
    /// All files, below the prefix.
    static let files: [String] = {
        let pages = ((try? ManPage.files()) ?? []).map { "share/man/man1/" + $0 }
        return pages + [
            "bin/irqscope", "share/irqscope/prometheus/irqscope.rules.yml",
            "share/irqscope/prometheus/irqscope-sample.rules.yml", "share/irqscope/grafana/irqscope.json", Installation.cron,
            Installation.defaults,
        ] + documents + completions
            + Installation.services.flatMap { ["\(Installation.units)/\($0).service", "\(Installation.units)/\($0).timer"] }
            + ["\(Installation.units)/irqscope-affinity.service"]
    }()

    static let documents = ["share/doc/irqscope/LICENSE", "share/doc/irqscope/CHANGELOG.md"]
    /// The scripts that complete command lines, of which irqscope(1) tells.
    static let completions = [
        "share/bash-completion/completions/irqscope", "share/zsh/site-functions/_irqscope",
        "share/fish/vendor_completions.d/irqscope.fish",
    ]

    /// What the script has no words for is left to bash: files.
    @Test(.enabled(if: program("bash") != nil, "needs bash")) func filesAreCompleted() throws {
        let installation = try Installation(destinationWithPrefix: "/usr")
        try Data().write(to: URL(fileURLWithPath: installation.root + "/some.dat"))
        let script = installation.file(Self.completions[0])
        let result = try shell(
            """
            cd '\(installation.root)' && source '\(script)' && complete -p irqscope
            COMP_WORDS=(irqscope report som) COMP_CWORD=2 COMP_LINE='irqscope report som' COMP_POINT=19
            COMP_TYPE=9; _irqscope irqscope som report 2>/dev/null; echo "words: ${COMPREPLY[*]}"
            """)
        // Either the script finds the file, or it has nothing and bash is told to look.
        #expect(result.text.contains("-o default"), "\(result.text)\(result.errors)")
        #expect(result.text.contains("words: \n") || result.text.contains("words: some.dat\n"), "\(result.text)")
        let named = try ManPage(named: "irqscope.1").tags(of: "FILES").flatMap { $0.components(separatedBy: ", ") }
        for file in Self.completions { #expect(named.contains("/usr/local/" + file), "\(named)") }
    }

    @Test(arguments: ["/usr/local", "/usr", "/opt/irqscope"])
    func filesAreListedAndGoAway(prefix: String) throws {
        let installation = try Installation(destinationWithPrefix: prefix)
        let contents = try installation.contents()
        #expect(contents.keys.filter { !$0.hasSuffix("/") }.sorted() == Self.files.sorted())
        for (name, mode) in contents { #expect(mode == (name.hasSuffix("/") || name.hasPrefix("bin/") ? 0o755 : 0o644), "\(name)") }
        for file in Self.files where !file.hasPrefix("bin/") && !file.hasPrefix("share/man") && !Self.documents.contains(file) {
            let text = try installation.text(file)
            #expect(!text.contains(installation.root) && text.firstMatch(of: /@[A-Z]+@/) == nil, "\(file)")
        }
        for service in Installation.services {
            let unit = try String(contentsOfFile: installation.unit(service), encoding: .utf8)
            let command = service == "irqscope-sample" ? "sample" : "alert"
            #expect(unit.contains("\nExecStart=\(prefix)/bin/irqscope \(command) "), "\(service)")
        }
        #expect(try installation.text(Installation.cron).contains(" root \(prefix)/bin/irqscope alert --sample 2s\n"))
        try installation.make("uninstall")
        let left = try installation.contents().keys
        // Directories of the system stay, as they were there before on any box.
        #expect(left.filter { !$0.hasSuffix("/") || $0.contains("irqscope") } == [], "\(left)")
    }

    /// As root often has no compiler: what `make build` left is installed, and only where there is none a build is tried.
    @Test func aBinaryThatIsThereNeedsNoCompiler() throws {
        let installation = try Installation(destinationWithPrefix: "/usr/local")
        try installation.make("uninstall")
        let none = ["SWIFT=/nonexistent/swift", "STRIP="]
        try installation.make(["install", "BINARY=\(installation.root)/irqscope"] + none)
        #expect(FileManager.default.isExecutableFile(atPath: installation.file("bin/irqscope")))
        #expect(throws: Installation.Failure.self) {
            try installation.make(["install", "BINARY=\(installation.root)/nothing"] + none)
        }
    }

    @Test func filesOfOthersStay() throws {
        let installation = try Installation(destinationWithPrefix: "/usr/local")
        let own = ["share/doc/irqscope/notes", "lib/systemd/system/mine.service", "bin/mine"]
        for name in own { try Data().write(to: URL(fileURLWithPath: installation.file(name))) }
        try installation.make("uninstall")
        #expect(try installation.contents().keys.filter { !$0.hasSuffix("/") }.sorted() == own.sorted())
        // Once more there is nothing to remove, which is no error.
        try installation.make("uninstall")
    }

    @Test func manPageListsThem() throws {
        let pages = try ["irqscope-alert.1", "irqscope-affinity.1", "irqscope-sample.1"].map { try ManPage(named: $0) }
        let named = Set(pages.flatMap { $0.tags(of: "FILES") }.flatMap { $0.components(separatedBy: ", ") })
        for file in Self.files
        where !(["bin/", "share/man"].contains { file.hasPrefix($0) } || (Self.documents + Self.completions).contains(file)) {
            #expect(named.contains("/usr/local/" + file))
        }
    }

    /// The options that the examples name are those of the command.
    @Test(arguments: [Installation.cron, Installation.defaults])
    func examplesNameNoOtherOptions(file: String) throws {
        let known = Set(try ManPage(named: "irqscope-alert.1").tags(of: "OPTIONS").flatMap(ManPage.options))
        let text = try Installation(destinationWithPrefix: "/usr").text(file)
        let named = Set(text.split { $0.isWhitespace }.flatMap { ManPage.options(String($0)) })
        #expect(!named.isEmpty && named.subtracting(known).sorted() == [])
    }
}
