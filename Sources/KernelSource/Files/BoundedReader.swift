internal import CLinux
internal import Glibc
internal import IRQCore

/// Reads files that a driver answers, in a child process: such a file can take seconds, or for ever where a device is stuck, and
/// a read of it can be neither given up nor killed. A child that does not answer in time is left behind.
///
/// The child is started with the first such file, and has no descriptor but its end of a pair of sockets: a pipe that it had inherited
/// would stay open with it, and whoever reads ours would wait.
final class BoundedReader {
    /// The time that an answer may take.
    private static let waitMilliseconds: Int32 = 250
    /// After so many files that did not answer, no more are asked.
    private static let slowLimit = 8
    private static let (answerByteCount, pathByteCount) = (96 << 10, 4_096)

    /// The child; -1 if there is none.
    private(set) var child: pid_t = -1
    private var descriptor: Int32 = -1
    /// The directories in which a file did not answer: the others there are not asked.
    private var slowFolders: Set<Substring> = []
    private var slowCount = 0

    deinit { leave() }

    /// Reads a small file; `slow` if it does not answer in time.
    ///
    /// - Parameter path: of a file that is at most 64 KiB long.
    func read(_ path: String) -> FileAnswer {
        guard let bytes = ask(UInt8(ascii: "r"), path) else { return .slow }
        guard bytes.count >= 5 else { return .failed(EIO) }
        if bytes[0] == 0 { return .bytes(Array(bytes[5...])) }
        let number = bytes[1..<5].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return FileAnswer(SourceError(path: path, reason: .system(Int32(truncatingIfNeeded: number))))
    }

    /// Asks the driver of a network interface; nothing if it does not answer in time.
    func link(_ interface: String) -> LinkFacts {
        guard let bytes = ask(UInt8(ascii: "l"), interface) else { return LinkFacts() }
        return LinkFacts(text: String(decoding: bytes, as: UTF8.self))
    }

    /// The answer of the child; nil if there is none in time.
    private func ask(_ kind: UInt8, _ name: String) -> [UInt8]? {
        let folder = name.lastIndex(of: "/").map { name[..<$0] } ?? name[...]
        guard slowCount < Self.slowLimit, !slowFolders.contains(folder), name.utf8.count < Self.pathByteCount,
            descriptor >= 0 || start()
        else { return nil }
        let request = [kind] + Array(name.utf8)
        var room = [UInt8](repeating: 0, count: Self.answerByteCount)
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count,
            isAnswered()
        else { return giveUp(folder) }
        let count = unsafe recv(descriptor, &room, room.count, Int32(MSG_DONTWAIT))
        // The child is gone.
        guard count > 0 else { return giveUp(folder) }
        return Array(room[..<count])
    }

    private func isAnswered() -> Bool {
        let end = KernelClock.monotonic() + UInt64(Self.waitMilliseconds) * 1_000_000
        while true {
            let now = KernelClock.monotonic()
            let rest = now < end ? Int32((end - now + 999_999) / 1_000_000) : 0
            var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let count = unsafe Glibc.poll(&poll, 1, rest)
            if count < 0, errno == EINTR { continue }
            return count > 0
        }
    }

    private func giveUp(_ folder: Substring) -> [UInt8]? {
        slowFolders.insert(folder)
        slowCount += 1
        leave()
        return nil
    }

    /// Leaves the child to itself: if it hangs in the kernel, it ends when that lets it go.
    private func leave() {
        if descriptor >= 0 { close(descriptor) }
        if child > 0 {
            kill(child, SIGKILL)
            // One that hangs is not waited for: it is reaped by init after we have ended.
            let end = KernelClock.monotonic() + 50_000_000
            while waitpid(child, nil, WNOHANG) == 0, KernelClock.monotonic() < end {
                var time = timespec(tv_sec: 0, tv_nsec: 500_000)
                unsafe nanosleep(&time, nil)
            }
        }
        (descriptor, child) = (-1, -1)
    }

    private func start() -> Bool {
        var ends: (Int32, Int32) = (-1, -1)
        let kind = Int32(bitPattern: SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue)
        let made = unsafe withUnsafeMutableBytes(of: &ends) { bytes in
            unsafe bytes.withMemoryRebound(to: Int32.self) { unsafe socketpair(AF_UNIX, kind, 0, $0.baseAddress) }
        }
        guard made == 0 else { return false }
        let parent = getpid()
        let pid = irqscope_fork()
        if pid == 0 { Self.serve(ends.1, parent) }
        close(ends.1)
        guard pid > 0 else {
            close(ends.0)
            return false
        }
        (descriptor, child) = (ends.0, pid)
        return true
    }

    // MARK: The child

    /// Answers until the parent is gone.
    private static func serve(_ descriptor: Int32, _ parent: pid_t) -> Never {
        let null = unsafe open("/dev/null", O_RDWR)
        for number: Int32 in 0...2 { dup2(null, number) }
        if descriptor > 3 { close_range(3, UInt32(descriptor) - 1, 0) }
        close_range(UInt32(descriptor) + 1, UInt32.max, 0)
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigprocmask(SIG_SETMASK, &none, nil)
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] { signal(number, SIG_DFL) }
        irqscope_die_with_parent()
        if getppid() != parent { _exit(0) }
        var room = [UInt8](repeating: 0, count: pathByteCount)
        var text = TextBuffer(capacity: 4096)
        while true {
            let count = unsafe recv(descriptor, &room, room.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 1 else { _exit(0) }
            let name = String(decoding: room[1..<count], as: UTF8.self)
            let answer =
                room[0] == UInt8(ascii: "l")
                ? Array((LinkQuestions.ask(name, milliseconds: 200).text + "\n").utf8) : read(name, &text)
            guard unsafe send(descriptor, answer, answer.count, Int32(MSG_NOSIGNAL)) == answer.count else {
                _exit(1)
            }
        }
    }

    /// 0, four zeros and the bytes; or 1 and the number of the error.
    private static func read(_ path: String, _ text: inout TextBuffer) -> [UInt8] {
        var number = EINVAL
        do throws(SourceError) {
            try ProcFile.read(path, into: &text)
            if text.byteCount <= 64 << 10 {
                let bytes = text.bytes
                return unsafe bytes.withUnsafeBytes { unsafe [0, 0, 0, 0, 0] + Array($0) }
            }
            number = EFBIG
        } catch {
            if case .system(let error) = error.reason { number = error }
        }
        return [1] + [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
