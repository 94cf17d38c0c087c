/// The forms of an export.
enum ExportFormat: String, CaseIterable {
    case perfetto, csv, jsonl

    static let words = allCases.map(\.rawValue).joined(separator: ", ")

    /// The one that a file's name tells, packed or not; nil if it tells none.
    init?(nameOf path: String) {
        let name = path.hasSuffix(".gz") ? path.dropLast(3) : path[...]
        if name.hasSuffix(".csv") {
            self = .csv
        } else if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") {
            self = .jsonl
        } else if [".pftrace", ".perfetto-trace", ".perfetto"].contains(where: { name.hasSuffix($0) }) {
            self = .perfetto
        } else {
            return nil
        }
    }
}
