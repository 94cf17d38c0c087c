internal import Glibc
import IRQCore

/// The bytes of a pipe or of a file, from its start on, unpacked if they are packed.
@safe
struct Inflow: ~Copyable {
    /// The program that the bytes were packed with; nil if they are plain.
    private(set) var packing: Packing?
    private let path: String
    private let descriptor: Int32
    /// The place in a file from which on it is read; nil for a pipe.
    private var place: off_t?
    private var decompressor: Decompressor?
    /// The bytes that were read and not yet handed on.
    private let buffer: UnsafeMutableRawBufferPointer
    private var pending = 0..<0
    private var isAtEnd = false
    /// Readable when a pipe is to be read no further than it is full now.
    var stopDescriptor: Int32?
    /// The bytes that may still be read after that.
    private var restByteCount = Self.pipeByteLimit
    /// True if reading was ended that way.
    private(set) var isStopped = false
    /// The sum of what was read, and of what was handed on.
    private var (readByteCount, madeByteCount) = (0, 0)

    /// No pipe of an ordinary user holds more (fs.pipe-max-size).
    private static let pipeByteLimit = 1 << 20
    /// Room for the first bytes of any format, and large enough that calls do not matter.
    private static let bufferByteCount = 256 << 10

    /// Looks at the first bytes; waits until there are some.
    ///
    /// - Parameter isFile: whether `descriptor` is a file, whose position stays what it is.
    ///
    /// - Parameter stopDescriptor: see the property.
    init(_ descriptor: Int32, isFile: Bool, path: String, stopDescriptor: Int32? = nil) throws(RecordingError) {
        self.path = path
        self.stopDescriptor = isFile ? nil : stopDescriptor
        // Of its own, for a text is read after the opening. If there is none left, reading says so.
        self.descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        place = isFile ? 0 : nil
        unsafe buffer = .allocate(byteCount: Self.bufferByteCount, alignment: 4096)
        packing = nil
        let longest = Packing.allCases.map(\.magic.count).max() ?? 0
        while pending.count < longest, try fill() {}
        let found = unsafe Packing.of(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: buffer[pending])))
        guard let found else { return }
        packing = found
        pending.removeFirst(found.leadByteCount)
        do {
            decompressor = try Decompressor(found)
        } catch {
            throw failure(error, found)
        }
    }

    deinit {
        unsafe buffer.deallocate()
        close(descriptor)
    }

    /// Hands on the next bytes, at most as many as there is room for in `target`; 0 at the end.
    mutating func read(into target: UnsafeMutableRawBufferPointer) throws(RecordingError) -> Int {
        guard let packing else {
            if pending.isEmpty, try !fill() { return 0 }
            let count = min(pending.count, target.count)
            unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[pending.prefix(count)]))
            pending.removeFirst(count)
            return count
        }
        while true {
            if pending.isEmpty { _ = try fill() }
            let input = unsafe UnsafeRawBufferPointer(rebasing: buffer[pending])
            let used: Int
            let made: Int
            do throws(UnpackProblem) {
                (used, made) = try unsafe decompressor?.unpack(input, to: target, isLast: isAtEnd) ?? (0, 0)
            } catch {
                throw failure(error, packing)
            }
            pending.removeFirst(used)
            madeByteCount += made
            if made > 0 || (used == 0 && isAtEnd) { return made }
        }
    }

    /// Reads more behind what is pending; false at the end.
    private mutating func fill() throws(RecordingError) -> Bool {
        guard !isAtEnd else { return false }
        if pending.isEmpty { pending = 0..<0 }
        let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[pending.upperBound...])
        while true {
            if let stopDescriptor, !waits(besides: stopDescriptor) {
                (isAtEnd, isStopped) = (true, true)
                return false
            }
            let count =
                if let place {
                    unsafe pread(descriptor, room.baseAddress, room.count, place)
                } else {
                    unsafe Glibc.read(descriptor, room.baseAddress, room.count)
                }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw MappedFile.systemError(
                    path, "cannot be read", place == nil ? "check the command before the pipe" : "check the file")
            }
            isAtEnd = count == 0
            pending = pending.lowerBound..<pending.upperBound + count
            readByteCount += count
            if let before = place { place = before + off_t(count) }
            return count > 0
        }
    }

    /// True if there is something to read, or nothing any more, before this time is over.
    func hasMore(within nanoseconds: UInt64) -> Bool {
        if packing != nil || !pending.isEmpty || isAtEnd || place != nil { return true }
        var looks = [descriptor, stopDescriptor ?? -1].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        return unsafe poll(&looks, 2, Int32(clamping: nanoseconds / 1_000_000)) != 0
    }

    /// Waits until there is something to read, or nothing any more; false if `stop` came first.
    private mutating func waits(besides stop: Int32) -> Bool {
        while true {
            var looks = [
                pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop, events: Int16(POLLIN), revents: 0),
            ]
            // As many as there are.
            let count = unsafe poll(&looks, 2, -1)
            if count < 0, errno == EINTR { continue }
            let isAsked = looks[1].revents != 0
            if isAsked { restByteCount -= Self.bufferByteCount }
            return looks[0].revents != 0 && (!isAsked || restByteCount > 0)
        }
    }

    private func failure(_ problem: UnpackProblem, _ packing: Packing) -> RecordingError {
        let tool = packing.rawValue
        let (what, advice) =
            switch problem {
            case .cutShort:
                ("ends inside its \(tool) data", "it was cut short: copy it again, or make it again with \(tool)")
            case .damaged(let reason):
                ("its \(tool) data are damaged: \(reason)", "copy it again; \(tool) -t FILE tells whether it is whole")
            case .tooLarge:
                (
                    "unpacking its \(tool) data takes too much memory",
                    "unpack it first, such as with \(tool) -d\(packing == .zstd ? " --long=31" : "")"
                )
            case .noMemory: ("there is no memory to unpack its \(tool) data", "free some and try again")
            }
        var offset: Int?
        // Of other problems only the piece of the file is known in which they were found.
        if case .cutShort = problem { offset = readByteCount }
        return RecordingError(
            path: path, offset: offset,
            problem: madeByteCount == 0 ? what : "\(what), after \(madeByteCount) unpacked bytes", advice: advice)
    }
}
