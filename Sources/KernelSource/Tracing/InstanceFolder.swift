internal import CTraceFS
internal import Glibc

/// Owns an instance's directory: it is there from `init` to `deinit`, and files of it that are open are closed first.
@safe
struct InstanceFolder: ~Copyable {
    /// The directory.
    let path: String
    /// Its last part.
    let name: String
    /// Open files: the kernel does not remove an instance that has any (EBUSY).
    private var record: InstanceRecord
    private let handle: OpaquePointer

    /// Files that are open besides those of the CPUs: the directory and tracing_on.
    private static let extraCount = 2
    /// The most instances of a process: more are a fault of the program.
    private static let serialLimit: UInt32 = 1000

    /// Makes a directory of this process's name below `root`.
    init(root: String, cpuCount: Int) throws(TraceError) {
        let made = try Self.make(root, capacity: cpuCount + Self.extraCount)
        let path = "\(root)/instances/\(made.name)"
        // Finds the directory only: the library would make one where it found tracefs, not below `root`.
        guard let found = unsafe tracefs_instance_alloc(root, made.name) else {
            let number = errno
            made.remove()
            throw TraceError(path: path, reason: .system(number == 0 ? ENOENT : number))
        }
        self.path = path
        name = made.name
        unsafe handle = found
        record = made.record
    }

    deinit {
        record.release()
        // After the release, so that a signal in between finds the record.
        InstanceCleanup.forget(record)
        unsafe tracefs_instance_free(handle)
    }

    /// A directory and the record of it.
    private struct Made: ~Copyable {
        let name: String
        let record: InstanceRecord

        consuming func remove() {
            record.release()
            InstanceCleanup.forget(record)
        }
    }

    private static func make(_ root: String, capacity: Int) throws(TraceError) -> Made {
        let view = ProcessView()
        for serial in 1...serialLimit {
            let name = InstanceName.own(serial: serial, view).text
            let path = "\(root)/instances/\(name)"
            let record = InstanceRecord(path: path, capacity: capacity)
            // Before mkdir, so that a signal right after it finds the record.
            InstanceCleanup.add(record)
            if unsafe mkdir(path, 0o700) == 0 { return Made(name: name, record: record) }
            let number = errno
            InstanceCleanup.forget(record)
            // This process has one of that name already: try the next serial.
            guard number == EEXIST else { throw TraceError.tracing("\(root)/instances", number) }
        }
        throw TraceError(path: "\(root)/instances", reason: .system(EEXIST))
    }

    /// Writes `text` to the file `name`; returns the error number, 0 if there is none.
    func write(_ text: String, to name: String) -> Int32 {
        errno = 0
        // Both texts are only read; a negative count is a failure.
        guard unsafe tracefs_instance_file_write(handle, name, text) < 0 else { return 0 }
        return errno == 0 ? EIO : errno
    }

    /// The same, as an error.
    func set(_ name: String, to text: String) throws(TraceError) {
        let number = write(text, to: name)
        guard number != 0 else { return }
        let path = "\(path)/\(name)"
        switch number {
        case EACCES, EPERM, EROFS: throw TraceError.tracing(path, number)
        default: throw TraceError(path: path, reason: .setting(text, number))
        }
    }

    /// True if the file or directory `name` is there.
    func has(_ name: String) -> Bool { unsafe access("\(path)/\(name)", F_OK) == 0 }

    /// Opens the file `name` (or the directory, for "."); it stays open as long as the instance is there.
    ///
    /// - Returns: its place, for `descriptor`.
    mutating func open(_ name: String, _ flags: Int32) throws(TraceError) -> Int {
        var opened = unsafe tracefs_instance_file_open(handle, name, flags | O_CLOEXEC)
        if opened < 0, errno == EMFILE, Self.raiseFileLimit() {
            opened = unsafe tracefs_instance_file_open(handle, name, flags | O_CLOEXEC)
        }
        guard opened >= 0 else { throw TraceError.tracing("\(path)/\(name)", errno) }
        record.append(opened)
        return record.count - 1
    }

    /// The open file at a place.
    func descriptor(_ place: Int) -> Int32 { record.descriptor(place) }

    /// A file for each CPU can be more than the usual 1,024.
    private static func raiseFileLimit() -> Bool {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0,
            limit.rlim_cur < limit.rlim_max
        else { return false }
        limit.rlim_cur = limit.rlim_max
        return unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0
    }
}
