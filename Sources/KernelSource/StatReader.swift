internal import Glibc
internal import IRQCore

/// One line of /proc/PID/stat, of which some fields are wanted. From proc_pid_stat(5):
///
///     36 (irq/24-ACPI:Ged) S 2 0 0 0 -1 2129984 … 0 12 … 40 … 50 1 …
///     1  2                 3                9     14 15  22   40 41     fields, counted from 1
///
/// The name may itself hold blanks and parentheses: the last ")" ends it.
struct PIDStat: BitwiseCopyable {
    /// The place of the name in the text, without the parentheses.
    private(set) var nameStart = 0
    private(set) var nameEnd = 0
    /// The state's letter (field 3): "Z" and "X" have ended.
    private(set) var state: UInt8 = 0
    /// PF_ bits of the task (field 9).
    private(set) var flags: UInt64 = 0
    /// Time in user mode and in the kernel, in clock ticks (fields 14 and 15).
    private(set) var cpuTicks: UInt64 = 0
    /// The start, in clock ticks after boot (field 22).
    private(set) var startTicks: UInt64 = 0
    /// The CPU it ran on last (field 39).
    private(set) var lastCPU: UInt64 = 0
    /// The real-time priority (field 40).
    private(set) var realtimePriority: UInt64 = 0
    /// The scheduling policy (field 41).
    private(set) var policy: UInt64 = 0

    /// PF_KTHREAD of include/linux/sched.h: programs can take any name, but not this bit.
    private static let kernelThreadFlag: UInt64 = 0x20_0000
    private static let lastField = 41

    /// True if it is a thread of the kernel's own.
    var isKernelThread: Bool { flags & Self.kernelThreadFlag != 0 }

    /// Reads a line; nil if it is cut short or none.
    init?(_ text: RawSpan) {
        var open = 0
        while let byte = text.byte(at: open), byte != 0x28 { open += 1 }
        var close = text.byteCount - 1
        while let byte = text.byte(at: close), byte != 0x29 { close -= 1 }
        guard open < close else { return nil }
        nameStart = open + 1
        nameEnd = close

        // Field 3 is a letter and begins behind a blank; then numbers, each behind a blank.
        guard text.byte(at: close + 1) == 0x20, let letter = text.byte(at: close + 2),
            (0x61...0x7A).contains(letter | 0x20)
        else { return nil }
        state = letter
        var offset = close + 3
        var field = 4
        while field <= Self.lastField {
            guard text.byte(at: offset) == 0x20 else { return nil }
            offset += 1
            let isNegative = text.byte(at: offset) == 0x2D
            guard let (value, end) = text.decimal(at: isNegative ? offset + 1 : offset) else { return nil }
            offset = end
            take(isNegative ? 0 : value, field)
            field += 1
        }
    }

    private mutating func take(_ value: UInt64, _ field: Int) {
        switch field {
        case 9: flags = value
        case 14: cpuTicks = value
        case 15:
            let (sum, isOverflow) = cpuTicks.addingReportingOverflow(value)
            cpuTicks = isOverflow ? .max : sum
        case 22: startTicks = value
        case 39: lastCPU = value
        case 40: realtimePriority = value
        case 41: policy = value
        default: break
        }
    }
}

extension RawSpan {
    /// True if the first bytes are those of `text`.
    func begins(with text: StaticString) -> Bool {
        guard text.utf8CodeUnitCount <= byteCount else { return false }
        for offset in 0..<text.utf8CodeUnitCount {
            // Inside the literal: below its count.
            guard unsafe text.utf8Start[offset] == byte(at: offset) else { return false }
        }
        return true
    }
}

/// Reads /proc/PID/stat again and again through one block of memory, which holds the path and the text.
@safe
struct StatReader: ~Copyable {
    /// The outcome of reading a process's file.
    enum Outcome: BitwiseCopyable {
        /// Its line.
        case line(PIDStat)
        /// There is no such process any more.
        case gone
        /// It is there, but may not be read, or is not what it should be.
        case unreadable
    }

    /// "2147483647/stat" and the zero byte take 16.
    private static let pathByteCount = 32
    /// A name of 63 bytes, escaped, and fifty numbers of 20 digits take less than 1,400.
    private static let textByteCount = 4096

    private let block: UnsafeMutableRawBufferPointer
    private var byteCount = 0

    init() {
        unsafe block = .allocate(byteCount: Self.pathByteCount + Self.textByteCount, alignment: 8)
    }

    deinit { unsafe block.deallocate() }

    /// The text that was read last.
    var text: RawSpan {
        @_lifetime(borrow self) borrowing get {
            let text = unsafe UnsafeRawBufferPointer(
                rebasing: block[Self.pathByteCount..<Self.pathByteCount + byteCount])
            let span = unsafe RawSpan(_unsafeBytes: text)
            return unsafe _overrideLifetime(span, borrowing: self)  // allocated until deinit
        }
    }

    /// Reads the file of `pid` below the directory `folder`. Allocates nothing.
    mutating func read(pid: Int32, in folder: Int32) -> Outcome {
        byteCount = 0
        setPath(pid)
        guard let base = unsafe block.baseAddress else { return .unreadable }
        let path = unsafe base.assumingMemoryBound(to: CChar.self)
        let file = unsafe openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY)
        guard file >= 0 else { return errno == ENOENT || errno == ESRCH ? .gone : .unreadable }
        defer { close(file) }
        guard RegularFile.isRegular(file) else { return .unreadable }
        let target = unsafe UnsafeMutableRawBufferPointer(rebasing: block[Self.pathByteCount...])
        guard let filled = unsafe RegularFile.read(file, into: target) else {
            return errno == ESRCH ? .gone : .unreadable  // it ended after it was opened
        }
        byteCount = filled
        let text = text
        guard let line = PIDStat(text) else { return .unreadable }
        return .line(line)
    }

    /// Writes "PID/stat" with a zero byte at the start of the block.
    private mutating func setPath(_ pid: Int32) {
        var digits: [20 of UInt8] = .init(repeating: 0)
        var count = 0
        var rest = pid.magnitude
        repeat {
            digits[count] = UInt8(0x30 + rest % 10)
            rest /= 10
            count += 1
        } while rest > 0
        // At most 10 digits and 6 bytes: half of the path's room. The literal ends with a zero byte.
        let suffix: StaticString = "/stat"
        for index in 0..<count { unsafe block[index] = digits[count - 1 - index] }
        for index in 0...suffix.utf8CodeUnitCount { unsafe block[count + index] = suffix.utf8Start[index] }
    }
}
