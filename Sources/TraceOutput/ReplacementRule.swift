internal import CZstd
internal import FilePlaces
internal import Glibc
internal import IRQCore

/// The rule for a file that has the name of an output already, the same for all commands: it is replaced if it is empty, or
/// of the kind that is written; all others are somebody's, and only replaced if that was asked for.
public struct ReplacementRule: Sendable {
    /// The kind of the output, such as "recording".
    private let kind: String
    private let isForced: Bool
    /// The paths of files that are read meanwhile.
    private let inputs: [String]
    /// As many bytes as tell the kind.
    private let byteLimit: Int
    private let isOfKind: @Sendable ([UInt8]) -> Bool

    /// A rule.
    ///
    /// - Parameters:
    ///   - kind: the kind of the output in a word, for messages.
    ///   - isForced: true if any file may be replaced.
    ///   - inputs: the paths of what is read, which is never replaced.
    ///   - isOfKind: tells from a file's first bytes, unpacked if they are packed with gzip, whether it is of that kind.
    public init(
        _ kind: String, isForced: Bool, inputs: [String] = [], isOfKind: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        self.init(kind, isForced: isForced, inputs: inputs, byteLimit: 4096) {
            isOfKind(GzipPacker.unpackedBeginning(of: $0) ?? $0)
        }
    }

    private init(
        _ kind: String, isForced: Bool, inputs: [String], byteLimit: Int,
        _ isOfKind: @escaping @Sendable ([UInt8]) -> Bool
    ) {
        (self.kind, self.isForced, self.inputs) = (kind, isForced, inputs)
        (self.byteLimit, self.isOfKind) = (byteLimit, isOfKind)
    }

    /// The rule for recordings, whether trace-cmd or irqscope made what is there.
    public static func recording(isForced: Bool = false) -> ReplacementRule {
        ReplacementRule("recording", isForced: isForced, inputs: [], byteLimit: 16) {
            $0.starts(with: RecordingLayout.magic)
        }
    }

    /// The rule for snapshots of boxes.
    public static func snapshot(isForced: Bool = false) -> ReplacementRule {
        // Nothing of a block of zstd is unpacked before the block is whole.
        ReplacementRule("snapshot", isForced: isForced, inputs: [], byteLimit: Int(ZSTD_CStreamInSize()) + 4096) {
            PackedFile.unpackedBeginning(of: $0).map(TarArchive.isSnapshot) ?? false
        }
    }

    /// Throws if a file must stay as it is.
    func check(_ existing: FileStatus, in place: FilePlace) throws(RecordingWriteError) {
        guard existing.kind == .regular, existing.byteCount > 0 else { return }
        for input in inputs where FileStatus(path: input)?.identity == existing.identity {
            throw RecordingWriteError(FilePlaceError("this is the recording itself"), path: place.path)
        }
        if isForced || isOfKind(beginning(existing, place)) { return }
        throw RecordingWriteError(
            path: place.path, problem: "a file of this name is there already, is no \(kind) and is left alone",
            advice: "replace it with --force, or choose another place with -o")
    }

    /// The first bytes of a file; none if it cannot be read, for then nobody knows whose it is.
    private func beginning(_ existing: FileStatus, _ place: FilePlace) -> [UInt8] {
        let file = unsafe openat(place.folder, place.name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { return [] }
        defer { close(file) }
        guard FileStatus(descriptor: file)?.identity == existing.identity else { return [] }
        return (try? RegularBytes.beginning(of: file, limit: byteLimit)) ?? []
    }
}
