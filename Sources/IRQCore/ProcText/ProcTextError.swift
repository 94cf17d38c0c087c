/// What is wrong with a text of /proc or /sys, and where.
public struct ProcTextError: Error, Equatable, BitwiseCopyable, Sendable {
    /// What was met, without the place.
    public enum Fault: Equatable, BitwiseCopyable, Sendable {
        /// No line names the CPUs (`CPU0 CPU1 …`).
        case noHeader
        /// The file has no bytes.
        case empty
        /// The CPUs are named, and nothing follows.
        case noRows
        /// The header names a CPU beyond `ProcTextLimits.highestCPU`, or one twice.
        case badHeader
        /// A line that should begin with a label and a colon has none.
        case noLabel
        /// A line has a colon, and neither counts nor the label of a row without them.
        case noRow
        /// The CPUs are named once more behind the rows: another table follows, which is not read.
        case anotherTable
        /// Rows stand before the line that names the CPUs: they are of another table, which is not read.
        case rowsAhead
        /// A row has neither one count for each CPU, nor a single one, nor none.
        case countMismatch(expected: Int, found: Int)
        /// No line names the CPUs, and a row has other columns than the first one.
        case columnsDiffer(expected: Int)
        /// A count does not fit into 64 bits.
        case countTooLarge
        /// The text ends within the counts of a row.
        case cutShort
        /// There are more rows than `ProcTextLimits.rows`.
        case tooManyRows
        /// The rows times the CPUs are more than `ProcTextLimits.cells`.
        case tooManyCells
        /// The text is none of the kind that was expected.
        case malformed
    }

    /// What was met.
    public let fault: Fault
    /// The line, from 1; 0 where no line is to blame.
    public let line: Int

    /// Creates an error.
    public init(_ fault: Fault, line: Int = 0) {
        self.fault = fault
        self.line = line
    }
}

extension ProcTextError: CustomStringConvertible {
    /// The sentence for people, without the file's name: `line 14: 7 counts where 8 are due`.
    public var description: String {
        let words =
            switch fault {
            case .noHeader: "no line names the CPUs (CPU0 CPU1 …)"
            case .empty: "the file is empty"
            case .noRows: "no row follows the line that names the CPUs"
            case .badHeader: "the header names a CPU twice, or one that cannot be"
            case .noLabel: "there is no label that ends in a colon"
            case .noRow: "this is no row of a table of counts"
            case .anotherTable: "another table begins here, of which nothing is read"
            case .rowsAhead: "a row before the line that names the CPUs, so of another table, which is not read"
            case .countMismatch(let expected, let found):
                "\(found) count\(found == 1 ? "" : "s") where \(expected) \(expected == 1 ? "is" : "are") due"
            case .columnsDiffer(let expected):
                "no line names the CPUs (CPU0 CPU1 …), and this row has not the \(expected) column\(expected == 1 ? "" : "s") of the first"
            case .countTooLarge: "a count does not fit into 64 bits"
            case .cutShort: "the text ends within a row"
            case .tooManyRows: "more than \(ProcTextLimits.rows) rows"
            case .tooManyCells: "more than \(ProcTextLimits.cells) counts"
            case .malformed: "the text is not what the kernel writes here"
            }
        return line > 0 ? "line \(line): \(words)" : words
    }
}

/// How much is read of one text; what is beyond is refused with a message, never cut silently.
public enum ProcTextLimits {
    /// The highest CPU number taken of texts and files that have room for more: far above the kernel's own limit.
    public static let highestCPU = 65_535
    /// The kernel's own limit (CONFIG_NR_CPUS, at most 8192 today): CPUs with this number or a higher one do not exist.
    public static let kernelCPUCount = 8192
    /// Bytes within which the line of CPU names begins: so much may stand before it (a prompt, a command line).
    public static let headerByteCount = 64 << 10
    /// Rows of one table.
    public static let rows = 1_048_576
    /// Counts of one table: 512 MiB of them.
    public static let cells = 64 << 20
    /// Bytes of one file.
    public static let fileByteCount = 256 << 20
}
