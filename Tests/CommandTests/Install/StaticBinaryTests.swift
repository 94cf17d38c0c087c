import Foundation
import TestSupport
import Testing

/// What one file needs that is to run anywhere.
@Suite struct StaticBinaryTests {
    /// These load libraries at run time, which a static executable may not find: getpwuid(3) and others ask the name service.
    @Test func nothingOfOursAsksTheNameService() throws {
        let pattern =
            #"(^|[^a-z_.])(get(pw|gr|sp|host|addr|name|serv|proto|net)(nam|uid|gid|ent|byname|byaddr|info)(_r)?|initgroups|getgrouplist|dlopen|iconv_open|wordexp)\("#
        let result = try run(
            "/usr/bin/env", ["grep", "-rnE", "--include=*.swift", "--include=*.[ch]", pattern, Places.repository.path + "/Sources"])
        #expect(result.status == 1 && result.text.isEmpty, "\(result.text)")
    }

    /// The description that is built in is the compiled file that it names.
    @Test(.enabled(if: program("tic") != nil, "needs tic")) func builtInTerminalIsTheFile() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-tic-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = Places.repository.appendingPathComponent("packaging/terminals.ti").path
        let result = try run(try #require(program("tic")), ["-o", folder.path, file])
        #expect(result.status == 0, "\(result.errors)")
        let compiled = try Data(contentsOf: folder.appendingPathComponent("x/xterm")).base64EncodedString()
        let source = try String(
            contentsOf: Places.repository.appendingPathComponent("Sources/irqscope/Top/BuiltInTerminal.swift"), encoding: .utf8)
        let literal = source.components(separatedBy: "\"\"\"")
        let built = try #require(literal.count == 3 ? literal[1] : nil).filter { !$0.isWhitespace && $0 != "\\" }
        #expect(built == compiled)
    }

    static let hidden = geteuid() == 0 && program("unshare") != nil && TestTerminal.isAvailable

    /// Without terminfo and locales, as in an initramfs: known terminals work, in ASCII; unknown ones are refused.
    @Test(.enabled(if: hidden, "root, unshare and tmux are needed"))
    func topNeedsNoFiles() throws {
        let terminal = try TestTerminal()
        let empty =
            "for d in /etc/terminfo /lib/terminfo /usr/share/terminfo /usr/lib/locale; do [ ! -d $d ] || mount -t tmpfs none $d; done"
        try terminal.type("TERM=tmux-256color unshare -m sh -c '\(empty); exec \"$IRQSCOPE\" top -d 0.5 --no-trace'; echo status=$?")
        try terminal.press("Enter")
        try terminal.wait(for: "IRQ   rate/s", "LOC", "qQuit")
        #expect(!(try terminal.screen()).contains { !$0.isASCII })
        try terminal.press("Down", "2")
        try terminal.wait(for: "TASKLET")
        try terminal.press("q")
        try terminal.wait(for: "status=0")
        try terminal.type("clear; TERM=wyse60 unshare -m sh -c '\(empty); exec \"$IRQSCOPE\" top --no-trace'; echo status=$?")
        try terminal.press("Enter")
        try terminal.wait(for: "the terminal 'wyse60' is not known here", "status=1")
    }

    /// Of a user without HOME /etc/passwd tells where the state is kept.
    @Test(.enabled(if: geteuid() == 0 && program("setpriv") != nil, "needs root and setpriv"))
    func homeIsThatOfTheUsersFile() throws {
        let line = try String(contentsOfFile: "/etc/passwd", encoding: .utf8).split(separator: "\n").first { $0.hasPrefix("daemon:") }
        let fields = try #require(line).split(separator: ":", omittingEmptySubsequences: false)
        let result = try run(
            "/usr/bin/env",
            ["-u", "HOME", "-u", "XDG_STATE_HOME", "setpriv", "--reuid=\(fields[2])", "--clear-groups", Places.command.path, "alert"])
        #expect(result.errors.contains("\(fields[5])/.local/state/irqscope/alert.state") && result.status == 3, "\(result.errors)")
    }

    @Test func versionTellsTheLibraries() throws {
        let lines = try irqscope("--version").text.split(separator: "\n")
        #expect(lines.count == 2 && lines[0].contains(/^\d+\.\d+\.\d+ \(commit .+\)$/))
        for name in ["zstd ", "zlib ", "liblzma ", "ncurses "] { #expect(lines.last?.contains(name) == true) }
    }

    /// The version has one place, which all others repeat or read.
    @Test func versionIsTheMakefiles() throws {
        let version = try irqscope("--version").text.prefix { $0 != " " }
        let result = try run("/usr/bin/env", ["-u", "MAKEFLAGS", "make", "-s", "-C", Places.repository.path, "print-version"])
        #expect(result.text == version + "\n", "\(result.errors)")
    }
}
