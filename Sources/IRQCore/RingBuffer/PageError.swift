/// The faults that one sub-buffer can have. The rest of that page is skipped and counted, never guessed.
public enum PageError: Error, Equatable, Sendable {
    /// The bytes end before the page header does.
    case shortHeader(byteCount: Int)
    /// The commit word promises more bytes than the page has.
    case commitExceedsPage(commitByteCount: Int, pageByteCount: Int)
    /// The commit word is none that a kernel writes: it has other bits, or no whole number of 32-bit words.
    case commitImpossible(word: UInt64)
    /// A record would end behind the last committed byte.
    case recordExceedsCommit(offset: Int)
    /// An absolute time stamp lies before the event ahead of it.
    case timeGoesBack(offset: Int)
    /// A record is too short for the fields that its event's format describes.
    case recordTooShort(offset: Int, eventID: Int)
}
