internal import Glibc
import IRQCore

/// A file of records: a perf.data, or one of those that lie beside it after `perf record --threads`.
///
/// Its bytes are gone through once. What is packed runs as one zstd stream through all its records, and unpacks to records
/// that need not end where a piece does.
final class PerfPart {
    /// The number among all parts.
    let index: Int
    /// The file; nil for the one that was opened first.
    let companion: PerfCompanion?
    private let byteOrder: ByteOrder
    private let range: Range<Int>
    private var offset: Int
    private var releasedTo: Int
    private var unpacking: PerfUnpacking?
    private var worker = Worker(mappedByteLimit: PerfPart.sliceByteCount)
    private(set) var isFinished = false
    /// The place and the reason where it was not read on.
    private(set) var damage: Damage?

    /// A place that is not read on from.
    struct Damage {
        let offset: Int
        let problem: String
        /// True if another file begins there, so that nothing of this one is missing.
        var isOtherFile = false
    }

    /// Bytes between two looks at the other parts.
    private static let sliceByteCount = 1 << 20

    init(_ range: Range<Int>, index: Int, companion: PerfCompanion? = nil, byteOrder: ByteOrder) {
        (self.range, self.index, self.companion, self.byteOrder) = (range, index, companion, byteOrder)
        offset = range.lowerBound
        releasedTo = range.lowerBound
    }

    /// Feeds about a mebibyte of records.
    func readOn(_ main: borrowing MappedFile, _ run: inout PerfRun, _ formats: borrowing EventFormats) {
        if let companion {
            readOn(of: companion.file, &run, formats)
        } else {
            readOn(of: main, &run, formats)
        }
    }

    private func readOn(of file: borrowing MappedFile, _ run: inout PerfRun, _ formats: borrowing EventFormats) {
        let stop = min(offset + Self.sliceByteCount, range.upperBound)
        let isMapped = worker.map(offset..<stop, of: file)
        while offset < stop, !isFinished, !run.isLate {
            if let header = SampleHeader.read(file.bytes, at: offset, isSwapped: byteOrder.isSwapped),
                PerfRecordType.isCompressed(header.type)
            {
                unpack(header, file, &run, formats)
                continue
            }
            let window = offset..<min(offset + ReadBuffer.byteCount, range.upperBound)
            let end: PerfRun.End
            if isMapped {
                let rest = offset..<min(stop + PerfRecord.byteLimit, range.upperBound)
                end = run.feed(file.bytes.extracting(rest), part: index, formats)
            } else if file.read(window, into: &worker.buffer) {
                end = run.feed(worker.buffer, count: window.count, part: index, formats)
            } else {
                end = run.feed(file.bytes.extracting(window), part: index, formats)
            }
            take(end)
        }
        if offset >= range.upperBound { finish(&run) }
        if isFinished || offset - releasedTo >= 16 * Self.sliceByteCount {
            file.release(releasedTo..<min(offset, range.upperBound))
            releasedTo = min(offset, range.upperBound)
        }
    }

    /// Goes on behind what was fed.
    private func take(_ end: PerfRun.End) {
        offset += end.used
        switch end.reason {
        case .needsMore:
            // A window holds the largest record: the file must end in this one.
            if end.used == 0 { giveUp("the file ends inside a record") }
        case .damage(let problem): giveUp(problem)
        case .otherFile(let name): giveUp("another file begins (it looks like \(name))", isOtherFile: true)
        case .packed, .late: break
        }
    }

    private func giveUp(_ problem: String, isOtherFile: Bool = false) {
        damage = Damage(offset: offset, problem: problem, isOtherFile: isOtherFile)
        isFinished = true
    }

    private func finish(_ run: inout PerfRun) {
        if !isFinished, offset > range.upperBound {
            damage = Damage(offset: range.upperBound, problem: "the file ends inside a record")
        }
        if !isFinished, let unpacking, unpacking.waitingByteCount > 0 {
            damage = Damage(offset: range.upperBound, problem: "what was packed ends inside a record")
        }
        isFinished = true
    }

    private func unpack(
        _ header: SampleHeader, _ file: borrowing MappedFile, _ run: inout PerfRun, _ formats: borrowing EventFormats
    ) {
        let bytes = file.bytes.extracting(0..<range.upperBound)
        guard let (pieces, end) = PerfRecord.packed(of: header, at: offset, in: bytes, isSwapped: byteOrder.isSwapped)
        else { return giveUp("the file ends inside a packed record") }
        for piece in pieces {
            do throws(UnpackProblem) {
                let unpacking = try openUnpacking()
                if let problem = try unpacking.feed(bytes.extracting(piece), &run, part: index, formats) {
                    return giveUp("in what was packed there, \(problem)")
                }
            } catch {
                return giveUp("what was packed there cannot be unpacked (\(Self.reason(error)))")
            }
            if run.isLate { return }
        }
        offset = end
    }

    private func openUnpacking() throws(UnpackProblem) -> PerfUnpacking {
        if let unpacking { return unpacking }
        let made = try PerfUnpacking()
        unpacking = made
        return made
    }

    private static func reason(_ problem: UnpackProblem) -> String {
        switch problem {
        case .damaged(let word): word
        case .tooLarge: "it takes too much memory"
        case .noMemory: "memory is out"
        case .cutShort: "it is cut short"
        }
    }
}

/// A file beside a perf.data, open.
final class PerfCompanion {
    let file: MappedFile
    /// The N of its name, data.N.
    let number: Int

    init(_ file: consuming MappedFile, number: Int) {
        self.file = file
        self.number = number
    }
}
