internal import Glibc

/// The file of `--output`, which node_exporter collects.
public struct MetricsFile: Sendable {
    /// The command that writes it.
    public enum Owner: Sendable {
        case alert, sample
    }

    private let file: OwnFile
    /// The collector reads *.prom: what is not whole yet must have another name.
    private var temporary: String { "\(file.place.name).\(getpid())" }

    /// Makes sure that the file can be made, and removes what killed runs left.
    ///
    /// - Throws: what is wrong with the name. A disk that is full or cannot be written is told when that is tried, after
    ///   the findings.
    public init(_ path: String, of owner: Owner = .alert) throws(FilePlaceError) {
        let file = try OwnFile(path, owner == .alert ? .metrics : .sampleMetrics)
        self.file = file
        file.removeLeftovers(of: try file.check())
        do throws(FilePlaceError) {
            _ = try file.place.status(of: temporary)
            try file.place.checkFolder()
        } catch {
            if !error.isOfTheDisk { throw error }
        }
    }

    /// Replaces it.
    public func write(_ text: String) throws(FilePlaceError) {
        try file.replace(temporary: temporary) { $0(Array(text.utf8)) }
    }

    /// The sentence that ends a message about it.
    public static let advice = "name another --output, or print with --format prometheus and redirect that"
}
