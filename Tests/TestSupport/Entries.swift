import Foundation

/// What is in a directory, closely enough to see whether anything was touched.
public enum Entries {
    /// Number, kind, mode, owner, size and times of change of each entry, by name; links are not followed.
    public static func look(_ folder: String) throws -> [String: String] {
        var entries: [String: String] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) { entries[name] = text(folder + "/" + name) }
        return entries
    }

    /// The same of one file.
    public static func text(_ path: String) -> String {
        var status = stat()
        guard lstat(path, &status) == 0 else { return "none" }
        return "\(status.st_ino) \(String(status.st_mode, radix: 8)) \(status.st_uid):\(status.st_gid) \(status.st_size) "
            + "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    }

    /// Mode, owner and group of a file, such as "644 0:0".
    public static func rights(_ path: String) -> String {
        var status = stat()
        guard lstat(path, &status) == 0 else { return "none" }
        return "\(String(status.st_mode & 0o7777, radix: 8)) \(status.st_uid):\(status.st_gid)"
    }
}
