internal import Glibc
internal import IRQCore

/// The state file: locked, read, replaced.
///
/// Beside FILE lie FILE.lock (empty, never removed), for a moment FILE.tmp, and FILE.bad, the last file that was no state.
struct StateStore: ~Copyable {
    let path: String
    private var lockFile: Int32 = -1
    /// Whether another run had the lock first.
    private(set) var hasWaited = false

    /// Runs that overlap wait so long for each other: well below the minute between two runs of cron.
    static let lockSeconds = 20
    private static let byteLimit = ProcTextLimits.fileByteCount

    /// What reading it came to.
    enum Reading {
        case none
        case state(AlertState)
        /// It was no state and is out of the way; why.
        case setAside(String)
        /// It is there but of no use, and in the way.
        case unusable(String)
    }

    /// Names the file; the default one's directory is made if it is missing.
    init(path: String?) {
        if let path {
            self.path = path
            return
        }
        let folder = Self.defaultFolder
        Self.makeFolder(folder)
        self.path = folder + "/alert.state"
    }

    deinit { if lockFile >= 0 { close(lockFile) } }

    private static var defaultFolder: String {
        if geteuid() == 0 { return "/var/lib/irqscope" }
        if let state = StandardOutput.environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/irqscope" }
        if let home = StandardOutput.environment("HOME"), home.hasPrefix("/") { return home + "/.local/state/irqscope" }
        guard let entry = unsafe getpwuid(geteuid()), let home = unsafe entry.pointee.pw_dir else {
            return "/var/lib/irqscope"
        }
        return unsafe String(cString: home) + "/.local/state/irqscope"
    }

    private static func makeFolder(_ path: String) {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/" + part
            unsafe mkdir(made, 0o755)  // what is there already stays
        }
    }

    /// Locks it.
    ///
    /// - Returns: nil if it is locked, else why not; `isBusy` if that is because another run holds it.
    mutating func lock() -> (words: String, isBusy: Bool)? {
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK
        let file = unsafe open(path + ".lock", flags, 0o600)
        guard file >= 0 else {
            let words = FileProblem(errno).words
            return ("\(path).lock: \(words); \(Self.advice(path))", false)
        }
        lockFile = file
        for _ in 0..<(Self.lockSeconds * 50) {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return nil }
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            hasWaited = true
            usleep(20_000)
        }
        let words =
            errno == EWOULDBLOCK ? "another run has held it for \(Self.lockSeconds) s" : FileProblem(errno).words
        return ("\(path).lock: \(words); see what hangs (fuser \(path).lock)", true)
    }

    /// Reads it, and puts what is no state out of the way.
    borrowing func read() -> Reading {
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes = try RegularBytes.read(path, limit: Self.byteLimit, isStrict: true)
        } catch {
            if error.code == ENOENT { return .none }
            if error.code == ENOTDIR { return .unusable("\(path): \(error.words); \(Self.advice(path))") }
            return .unusable("\(path): \(error.words); name another --state")
        }
        let reason: String
        do throws(AlertStateError) {
            // The span ends with the call.
            return .state(try unsafe AlertStateFile.decode(bytes.span.bytes))
        } catch {
            switch error {
            case .foreign: reason = "this is no state of irqscope alert"
            case .version(let version):
                reason = "its format is version \(version), this irqscope has \(AlertStateFile.version)"
            case .damaged: reason = "it is damaged"
            }
        }
        return setAside(reason)
    }

    /// Renames a file that is no state.
    borrowing func setAside(_ reason: String) -> Reading {
        guard unsafe rename(path, path + ".bad") == 0 else {
            return .unusable(
                "\(path): \(reason), and cannot be renamed: \(FileProblem(errno).words); \(Self.advice(path))")
        }
        AtomicFile.syncFolder(of: path)
        return .setAside("\(path): \(reason): kept as \(path).bad; a new baseline begins")
    }

    /// Replaces it.
    borrowing func write(_ state: AlertState) throws(FileProblem) {
        try AtomicFile.write(path, AlertStateFile.encode(state), temporary: path + ".tmp", mode: 0o600)
    }

    static func advice(_ path: String) -> String {
        let folder = AtomicFile.folder(of: path)
        return "make \(folder) and let this user write there, or name another --state, or use --interval"
    }
}
