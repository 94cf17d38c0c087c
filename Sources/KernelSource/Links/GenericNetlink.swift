internal import Glibc

/// Questions to the kernel over generic netlink, each with its answers.
struct GenericNetlink: ~Copyable {
    private static let (genericProtocol, controlFamily): (Int32, UInt16) = (16, 16)
    private static let (requestFlag, acknowledgeFlag, dumpFlag): (UInt16, UInt16, UInt16) = (1, 4, 0x300)
    private static let (errorType, doneType): (UInt16, UInt16) = (2, 3)
    private static let (headerByteCount, genericByteCount) = (16, 4)
    /// More answers to a question are not taken.
    private static let answerLimit = 8_192

    private let descriptor: Int32
    private var sequence: UInt32 = 0

    /// Opens a socket; nil if there is none to be had.
    ///
    /// - Parameter milliseconds: the time that an answer may take.
    init?(milliseconds: Int) {
        descriptor = socket(
            AF_NETLINK, Int32(bitPattern: SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Self.genericProtocol)
        guard descriptor >= 0 else { return nil }
        var time = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        let size = socklen_t(MemoryLayout<timeval>.size)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] { unsafe setsockopt(descriptor, SOL_SOCKET, option, &time, size) }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The number of a family, such as `ethtool`; nil if the kernel has none.
    mutating func family(_ name: String) -> UInt16? {
        // CTRL_CMD_GETFAMILY with CTRL_ATTR_FAMILY_NAME; the answer has CTRL_ATTR_FAMILY_ID.
        let answers = ask(Self.controlFamily, command: 3, NetlinkBytes.attribute(2, name))
        return answers?.first.flatMap { $0[1] }.flatMap { NetlinkBytes.number16($0, at: 0) }
    }

    /// The attributes of each answer; nil if the kernel refused, or did not answer in time.
    mutating func ask(
        _ family: UInt16, command: UInt8, _ attributes: [UInt8], isDump: Bool = false
    ) -> [[UInt16: ArraySlice<UInt8>]]? {
        sequence &+= 1
        let flags = Self.requestFlag | (isDump ? Self.dumpFlag : Self.acknowledgeFlag)
        let length = Self.headerByteCount + Self.genericByteCount + attributes.count
        let message =
            NetlinkBytes.of(UInt32(length)) + NetlinkBytes.of(family) + NetlinkBytes.of(flags)
            + NetlinkBytes.of(sequence)
            + [0, 0, 0, 0] + [command, 1, 0, 0] + attributes
        // Without an address it goes to the kernel.
        guard unsafe send(descriptor, message, message.count, 0) == message.count else { return nil }
        var answers: [[UInt16: ArraySlice<UInt8>]] = []
        var room = [UInt8](repeating: 0, count: 64 << 10)
        while answers.count < Self.answerLimit {
            let count = unsafe recv(descriptor, &room, room.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            switch take(Array(room[..<count]), &answers) {
            case .more: continue
            case .done: return answers
            case .refused: return nil
            }
        }
        return answers
    }

    private enum Outcome { case more, done, refused }

    private func take(_ bytes: [UInt8], _ answers: inout [[UInt16: ArraySlice<UInt8>]]) -> Outcome {
        var rest = bytes[...]
        while let length = NetlinkBytes.number32(rest, at: 0).map(Int.init), length >= Self.headerByteCount,
            length <= rest.count, let type = NetlinkBytes.number16(rest, at: 4)
        {
            let message = rest.prefix(length)
            rest = rest.dropFirst((length + 3) & ~3)
            // The answer to an earlier question that came too late.
            guard NetlinkBytes.number32(message, at: 8) == sequence else { continue }
            switch type {
            case Self.errorType:
                return NetlinkBytes.number32(message, at: Self.headerByteCount) == 0 ? .done : .refused
            case Self.doneType: return .done
            default:
                answers.append(
                    NetlinkBytes.attributes(message.dropFirst(Self.headerByteCount + Self.genericByteCount)))
            }
        }
        return .more
    }
}
