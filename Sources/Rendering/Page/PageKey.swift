internal import IRQCore

/// A row as pictures and tables refer to it: what is behind it, and the address of a function, may be known to one of them only.
struct PageKey: Hashable {
    private let kind: RowKind
    private let buffer: String
    private let number: Int64?
    private let name: String
    private let recording: RowKey.Recording?

    init(_ key: RowKey) {
        (kind, buffer, number, name) = (key.kind, key.buffer, key.shownNumber, key.name)
        recording = key.recording
    }

    /// True if a picture is of this row and statistic.
    func isOf(_ subject: HeatMap.Subject, _ measure: Measure) -> Bool {
        guard case .row(let key, let its) = subject else { return false }
        return its == measure && PageKey(key) == self
    }
}
