internal import FilePlaces
internal import Glibc

/// The file of `--output`, which node_exporter collects.
struct MetricsFile {
    private let file: OwnFile
    /// The collector reads *.prom: what is not whole yet must have another name.
    private var temporary: String { "\(file.place.name).\(getpid())" }

    /// Makes sure that the file can be made, and removes what killed runs left.
    ///
    /// - Throws: what is wrong with the name. A disk that is full or cannot be written is told when that is tried, after
    ///   the findings.
    init(_ path: String) throws(FileProblem) {
        let file = try OwnFile(path, .metrics)
        self.file = file
        file.removeLeftovers(of: try file.check())
        do throws(FilePlaceError) {
            _ = try file.place.status(of: temporary)
            try file.place.checkFolder()
        } catch {
            let problem = FileProblem(error)
            if !problem.isOfTheDisk { throw problem }
        }
    }

    /// Replaces it.
    func write(_ text: String) throws(FileProblem) {
        try file.replace(temporary: temporary) { $0(Array(text.utf8)) }
    }

    /// The sentence that ends a message about it.
    static let advice = "name another --output, or print with --format prometheus and redirect that"
}
