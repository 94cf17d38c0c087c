internal import ArgumentParser
internal import Glibc
internal import KernelSource
internal import TraceInput

/// The formats of events that `--formats` names, for a recording that has none.
enum FormatsChoice {
    /// The formats of events that --formats names.
    static func givenFormats(_ formats: String?) throws -> GivenFormats? {
        guard let formats else { return nil }
        var status = stat()
        let isLive = formats == "live"
        let isFolder = unsafe stat(formats, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
        do {
            let hasEvents = unsafe access(formats + "/events", F_OK) == 0
            guard isLive || (isFolder && hasEvents) else {
                return try GivenFormats(recording: formats)
            }
            let found = try FormatTexts(root: isLive ? nil : formats)
            return GivenFormats(
                origin: isLive ? "the running kernel" : formats,
                texts: found.texts.map { GivenFormats.Text(system: $0.system, bytes: $0.bytes) })
        } catch let error as RecordingError {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        } catch let error as TraceError {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }
}
