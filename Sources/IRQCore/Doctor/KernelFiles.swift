/// The answer of somebody who was asked for a file.
public enum FileAnswer: Equatable, Sendable {
    /// Its bytes.
    case bytes([UInt8])
    /// There is none of that name.
    case missing
    /// It is there, but not for us.
    case denied
    /// It did not answer in time: a device's attribute can take seconds.
    case slow
    /// Something else, by its number in errno(3).
    case failed(Int32)

    /// The text without blanks and ends of lines around it; nil if there is none.
    public var text: String? {
        guard case .bytes(let bytes) = self else { return nil }
        let start = bytes.firstIndex { !Self.isBlank($0) } ?? bytes.endIndex
        let end = bytes.lastIndex { !Self.isBlank($0) }.map { $0 + 1 } ?? start
        return String(decoding: bytes[min(start, end)..<end], as: UTF8.self)
    }

    /// The reason why there are no bytes, in words; nil if there are.
    public var problem: String? {
        switch self {
        case .bytes: nil
        case .missing: "is not there"
        case .denied: "may not be read"
        case .slow: "did not answer in time"
        case .failed(let number): "could not be read (error \(number))"
        }
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte <= 0x20 }
}

/// The files that tell of a box: those of the running kernel, of a saved copy, or of a test.
///
/// Paths begin with `proc/`, `sys/` or `etc/`, or are `dmesg`; they have no `/` in front.
public protocol KernelFiles: AnyObject {
    /// Reads a file. An implementation bounds its size and the time that it takes.
    func read(_ path: String) -> FileAnswer
    /// The names in a directory, in the order of numbers and letters; nil if it is not there or cannot be read.
    func names(_ path: String) -> [String]?
    /// The text of a symbolic link; nil if it is none.
    func link(_ path: String) -> String?
    /// The permission bits of a file; nil if there is none, or if they are not known, as in a copy that lost them.
    func mode(_ path: String) -> Int?
}

/// A kernel that can be changed: the one place through which `affinity` writes, and which tests simulate.
public protocol KernelPort: KernelFiles {
    /// Writes a text into a file with one write(2).
    ///
    /// - Returns: 0, or the number of the error in errno(3).
    func write(_ path: String, _ text: String) -> Int32
    /// CLOCK_MONOTONIC, in nanoseconds.
    var nowNanoseconds: UInt64 { get }
    /// Waits so many nanoseconds.
    func wait(_ nanoseconds: UInt64)
}
