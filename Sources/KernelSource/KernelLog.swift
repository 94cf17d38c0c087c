internal import CLinux
internal import Glibc
internal import IRQCore

/// Reads the kernel's log, where it may be read: of this boot only, and without waiting for anything.
enum KernelLog {
    /// More is not read: the oldest is left out.
    private static let byteLimit = 4 << 20
    /// SYSLOG_ACTION_READ_ALL and SYSLOG_ACTION_SIZE_BUFFER of syslog(2).
    private static let (readAll, size): (Int32, Int32) = (3, 10)

    /// The interrupts that it says were disabled; nil where it cannot be read. A saved copy's is `dmesg` beside its /proc.
    static func disabledInterrupts(_ roots: KernelRoots) -> Set<Int>? {
        guard roots.isLive else { return saved(roots) }
        guard case .bytes(let bytes) = read() else { return nil }
        return unsafe KernelLogText.disabledInterrupts(bytes.span.bytes)
    }

    /// The log of the running kernel.
    static func read() -> FileAnswer {
        let byteCount = Int(klogctl(size, nil, 0))
        guard byteCount > 0 else { return errno == EPERM ? .denied : .failed(errno) }
        let room = min(byteCount, byteLimit)
        var count: Int32 = -1
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, filled in
            let start = unsafe UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
            // Writes at most `room` bytes.
            count = unsafe klogctl(readAll, start, Int32(room))
            filled = max(Int(count), 0)
        }
        return count >= 0 ? .bytes(bytes) : errno == EPERM ? .denied : .failed(errno)
    }

    private static func saved(_ roots: KernelRoots) -> Set<Int>? {
        guard roots.proc.hasSuffix("/proc"), let folder = Folder(path: String(roots.proc.dropLast(5))) else {
            return nil
        }
        for path in ["dmesg", "sos_commands/kernel/dmesg"] {
            guard let bytes = folder.bytes(path, limit: byteLimit) else { continue }
            return unsafe KernelLogText.disabledInterrupts(bytes.span.bytes)
        }
        return nil
    }
}
