internal import IRQCore

/// The words for a row in sentences and beside pictures.
enum RowLabel {
    /// "irq 36 virtio1-req.0", "softirq NET_RX of buffer top": with its buffer where there are several.
    static func words(_ row: RowKey, in report: Report) -> String {
        let number = row.kind == .irq ? " \(row.number)" : ""
        let buffer = report.isOfSeveralBuffers ? " of buffer \(name(ofBuffer: row.buffer))" : ""
        return row.kind.rawValue + number + " " + row.name + buffer
    }

    /// The name of a buffer; the top-level one has none of its own.
    static func name(ofBuffer buffer: String) -> String { buffer.isEmpty ? "top" : buffer }
}
