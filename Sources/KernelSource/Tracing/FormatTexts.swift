/// The format texts of all events of a kernel: of the running one, or of a copy of its tracing files.
public struct FormatTexts: Sendable {
    /// The directory that they are from.
    public let root: String
    /// Each event's system, and the bytes of its format file.
    public let texts: [(system: String, bytes: [UInt8])]

    private static let nameLimit = 4096
    private static let byteLimit = 1 << 16

    /// Reads events/SYSTEM/NAME/format below `root`.
    ///
    /// - Parameter root: tracefs or a copy of it; nil finds that of the running kernel, which is not mounted for this.
    public init(root given: String?) throws(TraceError) {
        let root: String
        if let given { root = given } else { root = try TracingRoot.find(nil, mounts: false) }
        guard let top = Folder(path: root), let events = top.folder("events"),
            let systems = events.names(limit: Self.nameLimit)
        else { throw TraceError(path: root + "/events", reason: .absent) }
        var texts: [(system: String, bytes: [UInt8])] = []
        for system in systems.names.sorted() {
            guard let folder = events.folder(system), let found = folder.names(limit: Self.nameLimit) else { continue }
            for name in found.names.sorted() {
                guard let bytes = folder.bytes("\(name)/format", limit: Self.byteLimit), !bytes.isEmpty else {
                    continue
                }
                texts.append((system, bytes))
            }
        }
        self.root = root
        self.texts = texts
    }
}
