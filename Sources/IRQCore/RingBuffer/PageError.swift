/// The faults that one sub-buffer can have. The rest of that page is skipped and counted, never guessed.
public enum PageError: Error, Equatable, Sendable {
    /// The bytes end before the page header does.
    case shortHeader(byteCount: Int)
    /// The commit word promises more bytes than the page has.
    case commitExceedsPage(commitByteCount: Int, pageByteCount: Int)
    /// A record would end behind the last committed byte.
    case recordExceedsCommit(offset: Int)
    /// A record is too short for the fields that its event's format describes.
    case recordTooShort(offset: Int, eventID: Int)
}
