internal import Glibc
internal import IRQCore

/// The kernel that the files are from.
public enum KernelRelease {
    /// The release, such as `6.1.0-56-amd64`: of the running kernel from uname(2), of a saved copy from its
    /// sys/kernel/osrelease or version; nil if it does not tell.
    public static func text(_ roots: KernelRoots) -> String? {
        if roots.isLive { return running() }
        if let release = firstLine("\(roots.proc)/sys/kernel/osrelease") { return release }
        let words = firstLine("\(roots.proc)/version")?.split(separator: " ") ?? []
        return words.count > 2 && words[0] == "Linux" ? String(words[2]) : nil
    }

    /// The kernel's name for this boot; "" if it does not tell.
    public static func bootID(_ roots: KernelRoots) -> String {
        let line = firstLine("\(roots.proc)/sys/kernel/random/boot_id") ?? ""
        return line.utf8.count <= 64 ? line : ""
    }

    /// System, node, release and machine of the running kernel, with blanks between them.
    public static func uname() -> String {
        var names = utsname()
        guard unsafe Glibc.uname(&names) == 0 else { return "" }
        func text<Value>(_ value: Value) -> String {
            unsafe withUnsafeBytes(of: value) { unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
        return "\(text(names.sysname)) \(text(names.nodename)) \(text(names.release)) \(text(names.machine))"
    }

    /// The name of the machine that the running kernel is told.
    public static func hostName() -> String {
        var names = utsname()
        guard unsafe Glibc.uname(&names) == 0 else { return "" }
        return unsafe withUnsafeBytes(of: names.nodename) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    private static func running() -> String? {
        var names = utsname()
        guard unsafe Glibc.uname(&names) == 0 else { return nil }
        return unsafe withUnsafeBytes(of: names.release) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    /// The first line of a file, at most 4096 bytes of it; nil if there is none.
    static func firstLine(_ path: String) -> String? {
        var text = TextBuffer()
        do throws(SourceError) {
            try ProcFile.read(path, into: &text)
        } catch {
            return nil
        }
        let bytes = text.bytes
        var line: [UInt8] = []
        for index in 0..<min(bytes.byteCount, 4096) {
            guard let byte = bytes.byte(at: index), byte != UInt8(ascii: "\n") else { break }
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }
}

extension KernelFacts {
    /// The kernel that the files are from.
    init(_ roots: KernelRoots) {
        self.init(release: KernelRelease.text(roots) ?? "") { path in
            if path.hasPrefix("proc/") { return KernelRelease.firstLine("\(roots.proc)/\(path.dropFirst(5))") }
            return roots.sys.flatMap { KernelRelease.firstLine("\($0)/\(path.dropFirst(4))") }
        }
    }
}
