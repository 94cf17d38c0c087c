public import IRQCore

/// A comparison as CSV: a line a row, those that one side has as well.
public enum DiffCSV {
    /// Writes the title line and the rows.
    public static func write(_ comparison: Comparison, to output: inout ByteOutput) {
        let table = CSVTable<ComparedRow, Void>([], DiffColumns.flat, parts: Columns([]), after: nil)
        table.writeTitle(to: &output)
        for row in comparison.rows where output.isOpen { table.write(row, CollectionOfOne(()), to: &output) }
    }
}
