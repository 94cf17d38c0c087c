/// The version of the trace.dat to write.
public enum RecordingVersion: Int, Sendable {
    /// Never compressed; trace-cmd before 3.0 and Trace Compass read it.
    case v6 = 6
    /// The version that trace-cmd 3 writes.
    case v7 = 7
}

/// The packing of a recording of version 7.
public enum RecordingCompression: String, Sendable {
    case none, zstd
}

/// The place where a recording goes.
public enum RecordingOutput: Sendable, Equatable {
    /// A file, which appears under its name only when it is whole; a pipe or device of that name is written in one go, and so
    /// is one of our own open descriptors that /proc/self/fd has by that name.
    case file(String)
    /// An open descriptor, such as 1; it is not closed. `name` is for messages.
    case descriptor(Int32, name: String)
}

/// The size of what was written.
public struct RecordingSize: Sendable, Equatable {
    /// The size of the whole recording.
    public internal(set) var byteCount = 0
    /// Sub-buffers in it.
    public internal(set) var pageCount = 0
    /// The bytes that they take in it, packed or not.
    public internal(set) var storedPageByteCount = 0
    /// Pages that were given and are not in it, because the disk was full.
    public internal(set) var droppedPageCount = 0
    /// True if it tells addresses of the kernel and others can read them, for it has owner and mode of the file before.
    public internal(set) var isExposed = false
}
