internal import Glibc
internal import IRQCore

/// A file that irqscope makes and replaces, run after run: the state and the metrics of `alert` and `sample`, the state of
/// `affinity`.
///
/// Whatever else is there under its name is somebody's: it is never opened for writing, renamed or replaced. Ours is a
/// regular file that begins as ours do, or an empty one, which was made for it.
struct OwnFile: Sendable {
    /// The kind of content it holds.
    enum Form: Sendable {
        case state, metrics, affinity, sampleState, sampleMetrics

        /// The bytes with which such a file of some version begins.
        var magics: [[UInt8]] {
            switch self {
            case .state: [AlertStateFile.magic, AlertStateFile.oldMagic]
            case .metrics: [Array("# HELP irqscope_last_run_".utf8)]
            case .sampleState: [SampleStateFile.magic]
            case .sampleMetrics: [Array("# HELP irqscope_sampled_".utf8)]
            case .affinity: [AffinityStateFile.magic]
            }
        }

        fileprivate var magicByteCount: Int { magics.map(\.count).max() ?? 0 }

        fileprivate var words: String {
            switch self {
            case .state: "this is no state of irqscope alert"
            case .metrics: "this is no metrics file of irqscope alert"
            case .affinity: "this is no state of irqscope affinity"
            case .sampleState: "this is no state of irqscope sample"
            case .sampleMetrics: "this is no metrics file of irqscope sample"
            }
        }

        /// The mode of a new one.
        fileprivate var mode: mode_t { self == .metrics || self == .sampleMetrics ? 0o644 : 0o600 }
    }

    let place: FilePlace
    let form: Form

    /// Goes to its directory. Links are followed on the way there, where only root and this user can have made them, and
    /// not at the end.
    init(_ path: String, _ form: Form) throws(FilePlaceError) {
        place = try FilePlace(path)
        self.form = form
    }

    // MARK: Whose it is

    /// Throws if what is there is not ours, under the file's own name or another in its directory.
    ///
    /// - Returns: what is there; nil if nothing is.
    @discardableResult
    func check(_ name: String? = nil) throws(FilePlaceError) -> FileStatus? {
        for _ in 0..<Self.lookLimit {
            guard let status = try place.status(of: name) else { return nil }
            guard status.kind == .regular else {
                throw FilePlaceError("this is \(status.kind.words), and only a file of irqscope is ever replaced")
            }
            guard place.isTrusted(status) else { throw FilePlace.distrust(status) }
            if status.byteCount == 0 { return status }
            guard let begin = try begin(name, as: status) else { continue }
            guard form.magics.contains(where: { begin.starts(with: $0) }) else {
                throw FilePlaceError("\(form.words) and is left alone")
            }
            return status
        }
        throw FilePlaceError("it was replaced whenever it was looked at")
    }

    /// Looks at a file that another run replaces just then, as any run does at its end.
    private static let lookLimit = 100

    /// The first bytes of a file, as many as tell whose it is; nil if another file has its name by now.
    private func begin(_ name: String?, as status: FileStatus) throws(FilePlaceError) -> [UInt8]? {
        let file: Int32
        do throws(FilePlaceError) {
            file = try open(name)
        } catch {
            if error.number == ENOENT { return nil }
            throw error
        }
        defer { close(file) }
        guard FileStatus(descriptor: file)?.identity == status.identity else { return nil }
        return try RegularBytes.read(file, limit: form.magicByteCount, isWhole: false)
    }

    private func open(_ name: String? = nil) throws(FilePlaceError) -> Int32 {
        let file = unsafe openat(place.folder, name ?? place.name, RegularBytes.flags | O_NOFOLLOW)
        guard file >= 0 else { throw FilePlaceError(errno) }
        return file
    }

    /// Reads it whole. Check it first.
    func read(limit: Int) throws(FilePlaceError) -> [UInt8] {
        let file = try open()
        defer { close(file) }
        return try RegularBytes.read(file, limit: limit)
    }

    // MARK: Replacing it

    /// Replaces it, so that it is whole whenever the program or the machine stops. One that was there hands on its owner
    /// and its mode.
    ///
    /// - Parameters:
    ///   - temporary: the name of a file in the same directory that is written first.
    ///   - fill: hands over the contents, piece by piece.
    func replace(temporary: String, _ fill: (@escaping ([UInt8]) -> Void) -> Void) throws(FilePlaceError) {
        let existing = try check()
        try removeLeftover(temporary, of: existing)
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let file = unsafe openat(place.folder, temporary, flags, 0o600)
        guard file >= 0 else { throw FilePlaceError(errno) }
        defer { close(file) }
        // Other runs see by this that it is in use, even those that do not see this process.
        flock(file, LOCK_EX | LOCK_NB)
        var code = setMode(of: file, like: existing)
        if code == 0 { fill { if code == 0 { code = writeAll(file, $0) } } }
        if code == 0, fsync(file) != 0 { code = errno }
        if code == 0, unsafe renameat(place.folder, temporary, place.folder, place.name) != 0 { code = errno }
        guard code == 0 else {
            unsafe unlinkat(place.folder, temporary, 0)
            throw FilePlaceError(code)
        }
        place.sync()
    }

    private func setMode(of file: Int32, like existing: FileStatus?) -> Int32 {
        guard let existing else { return fchmod(file, form.mode) == 0 ? 0 : errno }
        // A user who may not give files away makes it its own.
        if fchown(file, existing.owner, existing.group) != 0 { _ = fchown(file, .max, existing.group) }
        return fchmod(file, existing.mode) == 0 ? 0 : errno
    }

    // MARK: What a killed run left

    /// Removes a temporary file of a run that was killed; throws if another file has its name.
    private func removeLeftover(_ name: String, of existing: FileStatus?) throws(FilePlaceError) {
        guard try place.status(of: name) != nil, !isRemoved(name, of: existing) else { return }
        throw FilePlaceError("\(name) is in the way, which is none that irqscope left or is in use")
    }

    /// Removes the temporary files `FILE.PID` of processes that are gone.
    ///
    /// - Parameter existing: the file itself, as `check` has found it.
    func removeLeftovers(of existing: FileStatus?) {
        let opened = unsafe openat(place.folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { return }
        guard let stream = unsafe fdopendir(opened) else {
            close(opened)
            return
        }
        defer { unsafe closedir(stream) }
        let prefix = Array((place.name + ".").utf8)
        for _ in 0..<Self.entryLimit {
            guard let entry = unsafe readdir(stream) else { return }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                // readdir(3) ends the name with a zero byte.
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            guard name.utf8.starts(with: prefix) else { continue }
            let digits = name.utf8.dropFirst(prefix.count)
            guard !digits.isEmpty, digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let process = pid_t(Substring(digits)), process > 0, process != getpid()
            else { continue }
            if kill(process, 0) != 0, errno == ESRCH { _ = isRemoved(name, of: existing) }
        }
    }

    /// A directory with more entries is not looked through to its end.
    private static let entryLimit = 65_536

    /// Removes a file if it is ours, not in use and has no other name.
    ///
    /// It may have been given already to the owner of the file that it was to replace.
    private func isRemoved(_ name: String, of existing: FileStatus?) -> Bool {
        guard let status = try? place.status(of: name), status.kind == .regular, status.linkCount == 1,
            status.owner == geteuid() || status.owner == existing?.owner, let file = try? open(name)
        else { return false }
        defer { close(file) }
        guard FileStatus(descriptor: file)?.identity == status.identity, flock(file, LOCK_EX | LOCK_NB) == 0,
            let begin = try? RegularBytes.read(file, limit: form.magicByteCount, isWhole: false),
            // One that was cut short may have only a part of it.
            form.magics.contains(where: { $0.starts(with: begin) || begin.starts(with: $0) })
        else { return false }
        return unsafe unlinkat(place.folder, name, 0) == 0
    }
}
