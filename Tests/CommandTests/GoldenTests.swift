import TestSupport
import Testing

/// What the real program prints, against the whole files of Fixtures/golden.
@Suite struct GoldenTests {
    @Test(.enabled(if: TestSupport.program("python3") != nil, "python3 is not installed (make test-tools)"))
    func everyOutputIsAsItWas() throws {
        let script = Places.repository.appendingPathComponent("Tests/golden/golden.py").path
        let result = try run("/usr/bin/env", ["python3", script, "--binary", Places.command.path])
        #expect(result.status == 0, "if that is right: make golden ACCEPT=1\n\(result.text)\(result.errors)")
    }
}
