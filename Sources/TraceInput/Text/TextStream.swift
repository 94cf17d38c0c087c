internal import Glibc
import IRQCore

/// A text in pieces of whole lines: of a pipe, a packed file, or a file that is mapped.
///
/// It is read once, from its start to its end, so that a pipe needs no copy on disk, and takes as much memory as a piece.
@safe
struct TextStream: ~Copyable {
    /// The name for messages.
    let path: String
    /// The program that the text was packed with; nil if it is plain.
    let packing: Packing?
    private var inflow: Inflow?
    private var buffer = TextBuffer(capacity: Self.pieceByteCount * 2)
    /// The end of the whole lines in `buffer`.
    private(set) var lineEnd = 0
    private var isAtEnd = false
    /// True while a line that is too long is passed over.
    private var isSkipping = false
    /// Lines that were passed over since they are too long.
    private(set) var longLineCount = 0

    private static let pieceByteCount = 256 << 10
    /// Longer lines are not read.
    private static let longestLine = 1 << 20

    /// A stream of a pipe or packed file, of which `start` has been read.
    init(_ inflow: consuming Inflow, start: RawSpan, path: String) {
        self.path = path
        packing = inflow.packing
        self.inflow = consume inflow
        buffer.append(start)
        let end = buffer.bytes.endOfLastLine
        lineEnd = end
    }

    /// An empty stream, for bytes from elsewhere.
    init(path: String, packing: Packing?) {
        self.path = path
        self.packing = packing
        inflow = nil
    }

    /// The bytes that wait, whole lines up to `lineEnd`.
    var bytes: RawSpan {
        @_lifetime(borrow self) borrowing get { buffer.bytes }
    }

    /// True if the last line has no end, as that of a text that was cut.
    var isCut: Bool { isAtEnd && buffer.byteCount > 0 && buffer.bytes.byte(at: buffer.byteCount - 1) != 0x0A }

    /// True if there is more to read, or nothing any more, before this time is over.
    func hasMore(within nanoseconds: UInt64) -> Bool { inflow?.hasMore(within: nanoseconds) ?? true }

    /// Reads on from the inflow; false at the end.
    mutating func fill() throws(RecordingError) -> Bool {
        forget()
        guard !isAtEnd else { return false }
        buffer.reserve(Self.pieceByteCount)
        var problem: RecordingError?
        let before = buffer.byteCount
        unsafe buffer.append { room in
            do throws(RecordingError) {
                return try unsafe inflow?.read(into: room) ?? 0
            } catch {
                problem = error
                return 0
            }
        }
        if let problem { throw problem }
        settle(before)
        return true
    }

    /// Reads on from a mapped file, from `place` on; false at the end.
    mutating func fill(from file: borrowing MappedFile, at place: inout Int) -> Bool {
        forget()
        guard !isAtEnd else { return false }
        buffer.reserve(Self.pieceByteCount)
        let before = buffer.byteCount
        place += unsafe buffer.append { room in unsafe file.copy(from: place, into: room) }
        settle(before)
        return true
    }

    private mutating func forget() {
        if lineEnd > 0 { buffer.removeFirst(lineEnd) }
        lineEnd = 0
    }

    /// Finds the end of the whole lines after reading.
    private mutating func settle(_ before: Int) {
        isAtEnd = buffer.byteCount == before
        if isSkipping {
            let end = buffer.bytes.endOfFirstLine
            isSkipping = end == 0 || buffer.bytes.byte(at: end - 1) != 0x0A
            buffer.removeFirst(end)
        }
        let end = isAtEnd ? buffer.byteCount : buffer.bytes.endOfLastLine
        lineEnd = end
        if lineEnd == 0, buffer.byteCount > Self.longestLine {
            longLineCount += 1
            isSkipping = true
            buffer.removeAll()
        }
    }
}

extension RawSpan {
    /// The end of the last whole line, its newline counted; 0 without one.
    fileprivate var endOfLastLine: Int {
        var position = byteCount
        while position > 0, byte(at: position - 1) != 0x0A { position -= 1 }
        return position
    }

    /// The end of the first line, its newline counted.
    fileprivate var endOfFirstLine: Int {
        var position = 0
        while position < byteCount, byte(at: position) != 0x0A { position += 1 }
        return min(position + 1, byteCount)
    }
}
