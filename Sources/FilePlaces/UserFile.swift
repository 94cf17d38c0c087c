internal import Glibc

/// The file of users, /etc/passwd.
///
/// The C library's functions for that load libraries of its own version, which a static executable does not find on most boxes.
enum UserFile {
    private static let byteLimit = 16 << 20

    /// The home directory of a user; nil if the file does not name one (passwd(5)).
    static func home(of user: uid_t, in path: String = "/etc/passwd") -> String? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65536)
        while bytes.count < byteLimit {
            let count = unsafe read(file, &part, part.count)
            guard count > 0 else { break }
            bytes += part[..<count]
        }
        // Name, password, number, group, comment, home, shell.
        for line in bytes.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard fields.count >= 6, uid_t(String(decoding: fields[2], as: UTF8.self)) == user else { continue }
            let home = String(decoding: fields[5], as: UTF8.self)
            return home.hasPrefix("/") ? home : nil
        }
        return nil
    }
}
