internal import Glibc
public import IRQCore

/// The file of the state of `affinity`: locked, read, replaced, removed.
public final class AffinityStore {
    private let file: OwnFile
    private var lockFile: Int32 = -1

    /// The file, unless another one is named.
    public static let defaultPath = "/" + AppliedLines.path
    /// Another run that writes masks is waited for so long, in seconds.
    private static let lockSeconds = 10

    /// The outcome of reading it.
    public enum Reading {
        /// There is none.
        case none
        /// The state.
        case state(AffinityState)
        /// It is there and of no use, for the reason in the sentence.
        case unusable(String)
    }

    /// Makes sure that the file of that name is a state or none; nothing is changed.
    public init(path: String) throws(FilePlaceError) {
        let file = try OwnFile(path, .affinity)
        try file.check()
        self.file = file
    }

    deinit { if lockFile >= 0 { close(lockFile) } }

    /// The path, for messages.
    public var path: String { file.place.path }

    /// Makes the directory of the default file if it is missing.
    public static func makeFolder() {
        FilePlace.makeFolder(defaultPath.split(separator: "/").dropLast().joined(separator: "/"))
    }

    /// Locks it; nil if it is locked, else why not.
    public func lock() -> String? {
        do throws(FilePlaceError) {
            lockFile = try file.place.openLock("irqscope affinity")
        } catch {
            return "\(path).lock: \(error.problem)"
        }
        let problem = FilePlace.lock(lockFile, seconds: Self.lockSeconds).problem
        if problem == 0 { return nil }
        if problem != EWOULDBLOCK { return "\(path).lock: \(FilePlaceError(problem).problem)" }
        return "\(path).lock: another run writes masks for \(Self.lockSeconds) s; see what it does (fuser \(path).lock)"
    }

    /// Reads it.
    public func read() -> Reading {
        let bytes: [UInt8]
        do throws(FilePlaceError) {
            guard let status = try file.check(), status.byteCount > 0 else { return .none }
            bytes = try file.read(limit: AffinityStateFile.byteLimit)
        } catch {
            return .unusable("\(path): \(error.problem)")
        }
        do throws(AffinityStateFile.Failure) {
            return .state(try AffinityStateFile.decode(bytes))
        } catch {
            switch error {
            case .damaged(let line):
                return .unusable("\(path): line \(line) is damaged: read it, and put masks back by hand")
            case .version(let version):
                return .unusable("\(path): its format is version \(version): undo with the irqscope that wrote it")
            }
        }
    }

    /// Replaces it; the reason if that fails.
    public func write(_ state: AffinityState) -> String? {
        do throws(FilePlaceError) {
            try file.replace(temporary: file.place.name + ".tmp") { $0(AffinityStateFile.encode(state)) }
            return nil
        } catch {
            return "\(path): \(error.problem)"
        }
    }

    /// Removes it; the reason if that fails.
    public func remove() -> String? {
        do throws(FilePlaceError) {
            guard try file.check() != nil else { return nil }
            guard unsafe unlinkat(file.place.folder, file.place.name, 0) == 0 else { throw FilePlaceError(errno) }
        } catch {
            return "\(path): \(error.problem)"
        }
        file.place.sync()
        return nil
    }
}
