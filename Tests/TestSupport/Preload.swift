import Foundation

/// Tests/tools/preload.c, compiled: bad luck on demand.
public final class Preload {
    public static let isAvailable = program("gcc") != nil
    public static let reason = "gcc is not installed (make bench-tools)"

    private let folder: TestFolder
    private var path: String { folder.file("preload.so") }

    public init() throws {
        folder = try TestFolder()
        let source = Places.repository.appendingPathComponent("Tests/tools/preload.c").path
        let result = try run(program("gcc") ?? "", ["-O2", "-shared", "-fPIC", "-o", path, source])
        guard result.status == 0 else { throw TestTerminal.Timeout(description: result.errors) }
    }

    /// Python that gives the program that is started next the library and its settings; nothing is printed of a crash.
    public func before(_ settings: [String: Int]) -> String {
        let variables = ["LD_PRELOAD='\(path)'", "SWIFT_BACKTRACE='enable=no'"] + settings.map { "\($0.key)='\($0.value)'" }
        return "os.environ.update(\(variables.joined(separator: ", ")))"
    }
}
