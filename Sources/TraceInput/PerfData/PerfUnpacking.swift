import IRQCore

/// The records that unpack from the packed records of one file.
@safe
final class PerfUnpacking {
    private var stream: Decompressor
    private let buffer: UnsafeMutableRawBufferPointer
    /// The bytes of a record whose end has not come yet: the first of the buffer.
    private(set) var waitingByteCount = 0

    /// Room for the largest record and a piece beside it.
    private static let byteCount = 256 << 10

    init() throws(UnpackProblem) {
        stream = try Decompressor(.zstd)
        unsafe buffer = .allocate(byteCount: Self.byteCount, alignment: 16)
    }

    deinit { unsafe buffer.deallocate() }

    /// Unpacks a piece and feeds what is whole of it.
    ///
    /// - Returns: what is wrong with the records; nil if nothing is.
    func feed(
        _ packed: RawSpan, _ run: inout PerfRun, part: Int, _ formats: borrowing EventFormats
    ) throws(UnpackProblem) -> String? {
        var used = 0
        while true {
            let input = packed.extracting(used..<packed.byteCount)
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[waitingByteCount...])
            let (taken, made) = try unsafe unpack(input, room)
            used += taken
            let filled = waitingByteCount + made
            // Inside the buffer: what waits and what was made behind it.
            let records = unsafe RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
            let end = run.feed(records, part: part, formats)
            guard end.used <= filled else { return "a record says that its data follow it" }
            waitingByteCount = filled - end.used
            unsafe buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[end.used..<filled]))
            switch end.reason {
            case .needsMore: break
            case .late: return nil
            case .damage(let problem): return problem
            case .otherFile(let name): return "another file begins (it looks like \(name))"
            case .packed: return "there are packed records again"
            }
            if made < room.count, used == packed.byteCount { return nil }
            if taken == 0, made == 0 { return "a record is larger than can be" }
        }
    }

    private func unpack(
        _ input: RawSpan, _ room: UnsafeMutableRawBufferPointer
    ) throws(UnpackProblem) -> (used: Int, made: Int) {
        var result: Result<(used: Int, made: Int), UnpackProblem> = .success((0, 0))
        unsafe input.withUnsafeBytes { bytes in
            do throws(UnpackProblem) {
                result = .success(try unsafe stream.unpack(bytes, to: room, isLast: false))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }
}
