import Foundation

/// Programs that know pages and do not know irqscope.
public enum PageTools {
    /// The problems that an HTML parser finds in pages; "" if there are none.
    public static func problems(_ files: [String]) throws -> String {
        let script = Places.repository.appendingPathComponent("Tests/tools/check-page").path
        let result = try run("/usr/bin/python3", [script] + files)
        return result.text + result.errors
    }

    /// The problems that chromium finds; "" if there are none.
    public static func problemsInBrowser(_ files: [String]) throws -> String {
        let script = Places.repository.appendingPathComponent("Tests/tools/browse-page").path
        let result = try run("/usr/bin/timeout", ["100", "/usr/bin/python3", script] + files)
        return result.text + result.errors + (result.status == 0 ? "" : "status \(result.status)")
    }
}
