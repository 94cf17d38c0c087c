internal import FilePlaces
internal import Glibc

/// A file of results that is written whole or not at all, such as a page; or a pipe, a device, an open descriptor.
///
/// A file that is there already is left alone, unless it is empty or begins as ours do.
public struct ResultFile: ~Copyable {
    private var file: OutputFile

    /// Makes sure that it can be written, before there is anything to write.
    ///
    /// - Parameter magic: the bytes that files of this form begin with, which may be replaced; nil if they have none.
    public init(_ output: RecordingOutput, magic: [UInt8]?) throws(RecordingWriteError) {
        if case .file(let path) = output {
            do throws(FilePlaceError) {
                try Self.check(FilePlace(path, followsLink: true), magic)
            } catch {
                throw RecordingWriteError(error, path: path)
            }
        }
        file = try OutputFile(output)
    }

    private static func check(_ place: FilePlace, _ magic: [UInt8]?) throws(FilePlaceError) {
        guard let existing = try place.status() else { return }
        if existing.kind == .folder { throw FilePlaceError("this is a directory") }
        guard existing.kind == .regular, existing.byteCount > 0 else { return }
        if let magic, begins(place, with: magic) { return }
        throw FilePlaceError("a file of this name is there already and is left alone")
    }

    private static func begins(_ place: FilePlace, with magic: [UInt8]) -> Bool {
        let opened = unsafe openat(place.folder, place.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
        guard opened >= 0 else { return false }
        defer { close(opened) }
        var begin = [UInt8](repeating: 0, count: magic.count)
        return unsafe pread(opened, &begin, begin.count, 0) == magic.count && begin == magic
    }

    /// Writes bytes behind what is there.
    public mutating func write(_ bytes: [UInt8]) throws(RecordingWriteError) { try file.write(bytes) }

    /// Gives the whole file its name.
    public consuming func commit() throws(RecordingWriteError) { _ = try file.commit(isPrivate: false) }
}
