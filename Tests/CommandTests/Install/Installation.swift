import Foundation
import TestSupport

/// What `make install` puts down, below a folder that goes with it.
///
/// `make install` is a release build and `install-files`; only that runs here, with what is given as the binary.
final class Installation {
    let root: String
    let prefix: String

    /// Installs below a prefix in a folder of its own, as on a box without DESTDIR.
    ///
    /// - Parameter box: what the installed command looks at, in place of this machine.
    convenience init(lookingAt box: FakeBox? = nil) throws {
        let root = try Self.makeFolder()
        try self.init(root: root, prefix: root + "/usr/local", destination: "", box: box)
    }

    /// Installs for another root directory, as packages do.
    convenience init(destinationWithPrefix prefix: String) throws {
        let root = try Self.makeFolder()
        try self.init(root: root, prefix: prefix, destination: root + "/destination", box: nil)
    }

    private init(root: String, prefix: String, destination: String, box: FakeBox?) throws {
        (self.root, self.prefix, self.destination, self.box) = (root, prefix, destination, box)
        try Data(script.utf8).write(to: URL(fileURLWithPath: root + "/irqscope"))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: root + "/irqscope")
        try make("install-files", "BINARY=\(root)/irqscope", "STRIP=")
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    let destination: String
    private let box: FakeBox?

    /// The program that is installed: the command as it was built, which finds the box's clock in a file.
    private var script: String {
        guard let box else { return "#!/bin/sh\nexec \(Places.command.path) \"$@\"\n" }
        return """
            #!/bin/sh
            [ "$1" != --generate-completion-script ] || exec \(Places.command.path) "$@"
            shift
            export IRQSCOPE_TEST_CLOCK=$(cat \(box.root)/clock)
            exec \(Places.command.path) alert --proc-root \(box.proc) --state \(box.state) "$@"

            """
    }

    private static func makeFolder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-install-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Runs a target of the Makefile; what an outer make would hand down is not for this one.
    func make(_ arguments: String...) throws { try make(arguments) }

    func make(_ arguments: [String]) throws {
        let places = ["PREFIX=\(prefix)", "DESTDIR=\(destination)"]
        let result = try run(
            "/usr/bin/env",
            ["-u", "MAKEFLAGS", "-u", "MFLAGS", "-u", "MAKELEVEL", "make", "-C", Places.repository.path] + arguments + places)
        guard result.status == 0 else { throw Failure(words: result.text + result.errors) }
    }

    struct Failure: Error { let words: String }

    /// The path of an installed file, where it lies now.
    func file(_ place: String) -> String { destination + prefix + "/" + place }

    func text(_ place: String) throws -> String { try String(contentsOfFile: file(place), encoding: .utf8) }

    /// The services, each with its timer: the one that is root, the one that reads counters only, and the one that samples
    /// handlers.
    static let services = ["irqscope-alert", "irqscope-alert-counters", "irqscope-sample"]
    static let units = "lib/systemd/system"
    func unit(_ service: String) -> String { file("\(Self.units)/\(service).service") }
    func timer(_ service: String) -> String { file("\(Self.units)/\(service).timer") }
    var rules: String { file("share/irqscope/prometheus/irqscope.rules.yml") }
    var sampleRules: String { file("share/irqscope/prometheus/irqscope-sample.rules.yml") }
    var dashboard: String { file("share/irqscope/grafana/irqscope.json") }
    static let cron = "share/doc/irqscope/examples/cron.d/irqscope-alert"
    static let defaults = "share/doc/irqscope/examples/default/irqscope-alert"

    /// What lies there: the paths of files below the prefix, with their modes, and of directories, which end in "/".
    func contents() throws -> [String: Int] {
        let top = destination + prefix
        var result: [String: Int] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: top) {
            let attributes = try FileManager.default.attributesOfItem(atPath: top + "/" + name)
            let isFolder = attributes[.type] as? FileAttributeType == .typeDirectory
            result[isFolder ? name + "/" : name] = attributes[.posixPermissions] as? Int
        }
        return result
    }
}
