internal import Glibc
internal import IRQCore

/// A state file: locked, read, replaced.
///
/// Beside FILE lie FILE.lock (empty, never removed), for a moment FILE.tmp, and FILE.bad, the last file that was no state.
public struct KeptStore<State: KeptState>: ~Copyable {
    private let file: OwnFile
    private var lockFile: Int32 = -1
    /// True if another run had the lock first.
    public private(set) var hasWaited = false

    /// Runs that overlap wait so long for each other: well below the minute between two runs of cron.
    public static var lockSeconds: Int { 20 }
    private static var byteLimit: Int { ProcTextLimits.fileByteCount }

    /// The outcome of reading it.
    public enum Reading {
        /// There is none.
        case none
        /// The state.
        case state(State)
        /// It was of no use; the sentence says what became of it.
        case startOver(String)
        /// It is there but of no use, and in the way.
        case unusable(String)
    }

    /// The ways in which locking it may fail.
    public enum LockFailure {
        /// Another run holds it.
        case busy(String)
        /// It can be read, if at all.
        case unwritable(String)
        /// It cannot be used.
        case unusable(String)
    }

    /// Makes sure that the file of that name is a state or none; nothing is changed.
    public init(path: String) throws(FilePlaceError) {
        let file = try OwnFile(path, State.traits.form)
        try file.check()
        self.file = file
    }

    deinit { if lockFile >= 0 { close(lockFile) } }

    /// The path, for messages.
    public var path: String { file.place.path }

    /// The file if none is named; its directory is made if it is missing.
    public static func defaultPath() -> String {
        FilePlace.makeFolder(defaultFolder)
        return defaultFolder + "/" + State.traits.fileName
    }

    private static var defaultFolder: String {
        if geteuid() == 0 { return "/var/lib/irqscope" }
        if let state = environment("XDG_STATE_HOME"), state.hasPrefix("/") { return state + "/irqscope" }
        if let home = environment("HOME"), home.hasPrefix("/") { return home + "/.local/state/irqscope" }
        guard let home = UserFile.home(of: geteuid()) else { return "/var/lib/irqscope" }
        return home + "/.local/state/irqscope"
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// Locks it; nil if it is locked, else why not.
    public mutating func lock() -> LockFailure? {
        do throws(FilePlaceError) {
            lockFile = try file.place.openLock(State.traits.owner)
        } catch {
            let words = "\(path).lock: \(error.problem); \(Self.advice(path, error))"
            let isUnwritable = error.isOfTheDisk || error.number == EACCES || error.number == EPERM
            return isUnwritable ? .unwritable(words) : .unusable(words)
        }
        let (problem, hasWaited) = FilePlace.lock(lockFile, seconds: Self.lockSeconds)
        self.hasWaited = hasWaited
        if problem == 0 { return nil }
        let words =
            problem == EWOULDBLOCK
            ? "another run has held it for \(Self.lockSeconds) s" : FilePlaceError(problem).problem
        return .busy("\(path).lock: \(words); see what hangs (fuser \(path).lock)")
    }

    /// Reads it, and puts one that is damaged out of the way.
    public borrowing func read() -> Reading {
        let bytes: [UInt8]
        do throws(FilePlaceError) {
            guard let status = try file.check() else { return .none }
            if status.byteCount == 0 { return .startOver("\(path): it is empty; \(State.traits.startOver)") }
            if status.byteCount > Self.byteLimit { return setAside("it is larger than \(Self.byteLimit >> 20) MiB") }
            bytes = try file.read(limit: Self.byteLimit)
        } catch {
            return .unusable("\(path): \(error.problem); \(Self.adviceOnForeign)")
        }
        do throws(AlertStateError) {
            return .state(try State.decode(bytes))
        } catch {
            switch error {
            case .version(let version):
                return setAside("its format is version \(version), this irqscope has \(State.traits.version)")
            case .foreign, .damaged: return setAside("it is damaged")
            }
        }
    }

    /// Renames a state of no use to FILE.bad, where there may be another one.
    public borrowing func setAside(_ reason: String) -> Reading {
        let name = file.place.name
        do throws(FilePlaceError) {
            try file.check()
            try file.check(name + ".bad")
            guard unsafe renameat(file.place.folder, name, file.place.folder, name + ".bad") == 0 else {
                throw FilePlaceError(errno)
            }
        } catch {
            return .unusable(
                "\(path): \(reason), and cannot be renamed to \(name).bad: \(error.problem); move both out of the way")
        }
        file.place.sync()
        return .startOver("\(path): \(reason): kept as \(path).bad; \(State.traits.startOver)")
    }

    /// Replaces it.
    public borrowing func write(_ state: State) throws(FilePlaceError) {
        try file.replace(temporary: file.place.name + ".tmp") { state.write(to: $0) }
    }

    /// The sentence that ends a message about a file that cannot be used: the state's or one beside it.
    public static func advice(_ path: String, _ error: FilePlaceError) -> String {
        switch error.number {
        case 0: return adviceOnForeign
        case ENAMETOOLONG: return "name a shorter --state"
        case EISDIR: return "name a file in it"
        case ENOSPC, EDQUOT: return "free some space, or name another --state\(State.traits.wayOut)"
        default: break
        }
        var folder = "."
        if let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) {
            folder = slash == path.startIndex ? "/" : String(path[..<slash])
        }
        return "make \(folder) and let this user write there, or name another --state\(State.traits.wayOut)"
    }

    private static var adviceOnForeign: String { "name another --state, or move that away" }
}

extension KeptStore.LockFailure {
    /// The reason, in a sentence.
    public var words: String {
        switch self {
        case .busy(let words), .unwritable(let words), .unusable(let words): words
        }
    }
}
