import Foundation
import TestSupport
import Testing

/// What docs/ shows is what the program prints.
@Suite struct CookbookTests {
    @Test(.enabled(if: program("python3") != nil, "needs python3"))
    func outputsInTheCookbookFit() throws {
        let script = Places.repository.appendingPathComponent("docs/cookbook.py").path
        let result = try run("/usr/bin/env", ["python3", script, "--binary", Places.command.path])
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    /// The manual explains the checks of doctor in their own words.
    @Test(.enabled(if: program("python3") != nil, "needs python3"))
    func manualOfDoctorFits() throws {
        let script = Places.repository.appendingPathComponent("docs/doctor-checks.py").path
        let result = try run("/usr/bin/env", ["python3", script, "--binary", Places.command.path])
        #expect(result.status == 0, "\(result.text)\(result.errors)")
    }

    /// The picture is the recorded screen, drawn by the script.
    @Test(.enabled(if: program("python3") != nil, "needs python3"))
    func pictureIsTheRecordedScreen() throws {
        let folder = Places.repository.appendingPathComponent("docs/pictures")
        let script = folder.appendingPathComponent("screen-to-svg").path
        let result = try run("/usr/bin/env", ["python3", script, folder.appendingPathComponent("top.screen").path])
        let picture = try String(contentsOf: folder.appendingPathComponent("top.svg"), encoding: .utf8)
        #expect(result.status == 0 && result.text == picture)
        #expect(picture.contains("@media (prefers-color-scheme:dark)") && !picture.contains("href"))
    }

    /// README and docs/ name no file that is not there, and no option that no command has.
    @Test func documentsNameWhatIsThere() throws {
        let root = Places.repository
        let docs = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)
        let known = Set(
            try ManPage.files().flatMap { try ManPage(named: $0).tags(of: "OPTIONS").flatMap(ManPage.options) })
        for name in ["README.md", "CONTRIBUTING.md", "SECURITY.md"] + docs.filter({ $0.hasSuffix(".md") }).map({ "docs/" + $0 }) {
            let file = root.appendingPathComponent(name)
            let text = try String(contentsOf: file, encoding: .utf8)
            for link in text.matches(of: /\]\(([^)#:]+)\)/) {
                let target = file.deletingLastPathComponent().appendingPathComponent(String(link.1))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(name) names \(link.1)")
            }
            // Commands alone, as they are typed: `irqscope report --slow 10 trace.dat`.
            for typed in text.matches(of: /irqscope (top|list|record|report|alert) [^`|]*/) {
                let own = typed.0.components(separatedBy: " -- ")[0]
                let named = ManPage.options(String(own)).filter { $0.hasPrefix("--") }
                #expect(Set(named).subtracting(known).isEmpty, "\(name): \(typed.0)")
            }
        }
    }
}
