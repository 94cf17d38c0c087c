/// A file of results that is written whole or not at all, such as a page; or a pipe, a device, an open descriptor.
public struct ResultFile: ~Copyable {
    private var file: OutputFile

    /// Makes sure that it can be written, before there is anything to write.
    public init(_ output: RecordingOutput, replacing rule: ReplacementRule) throws(RecordingWriteError) {
        file = try OutputFile(output, replacing: rule)
    }

    /// Writes bytes behind what is there.
    public mutating func write(_ bytes: [UInt8]) throws(RecordingWriteError) { try file.write(bytes) }

    /// Gives the whole file its name.
    public consuming func commit() throws(RecordingWriteError) { _ = try file.commit(isPrivate: false) }
}
