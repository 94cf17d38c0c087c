import Foundation
import TestSupport
import Testing

/// The files and pipes that `irqscope record` writes, on the tracefs of this machine: who can read them, and what it
/// waits for.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct RecordFilesTests {
    /// With events that hold addresses come all the kernel's symbols and formats.
    @Test(arguments: ["workqueue", "tasklet", "ipi", "napi"]) func addressesAreForTheOwnerOnly(events: String) throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let first = try RecordTests.record("--duration", "100ms", "--events", "irq," + events, "-o", path)
        #expect(first.status == 0 && Entries.rights(path).hasPrefix("600 "), "\(first.errors)")
        #expect(!first.errors.contains("others can read"))
        // A file of somebody else stays one: that is said.
        chmod(path, 0o640)
        chown(path, 65534, .max)
        let second = try RecordTests.record("--duration", "100ms", "--events", "irq," + events, "-o", path)
        #expect(second.status == 0 && Entries.rights(path).hasPrefix("600 65534:"))
        #expect(second.errors.contains("\(path): others can read addresses of the kernel in it"), "\(second.errors)")
    }

    /// A recording of interrupts and softirqs alone is for everybody: it tells no address.
    @Test func othersHaveNoAddresses() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        #expect(try RecordTests.record("--duration", "100ms", "--events", "irq,softirq,irq_vectors,sched", "-o", path).status == 0)
        let mask = umask(0)
        umask(mask)
        #expect(Entries.rights(path).hasPrefix(String(0o644 & ~mask, radix: 8) + " "))
        let parts = try RecordingParts(path: path)
        #expect(parts.kallsyms.isEmpty && parts.printkFormats.isEmpty)
        if program("trace-cmd") != nil { #expect(try shell("trace-cmd report '\(path)'").errors.isEmpty) }
    }

    /// A FIFO without a reader is refused at once.
    @Test func aPipeWithoutReaderIsNotWaitedFor() throws {
        let folder = try TestFolder()
        mkfifo(folder.file("fifo"), 0o600)
        let recorder = try Recorder(record: ["--duration", "1s", "-o", folder.file("fifo")])
        #expect(recorder.status() == 1 && recorder.errors.contains("nobody reads this pipe"), "\(recorder.errors)")
        #expect(try Tracefs.instances(of: recorder.id) == [])
    }

    /// What the command prints is not for a recording that goes to standard output under another name.
    @Test func standardOutputHasManyNames() throws {
        let folder = try TestFolder()
        let line = "'\(Places.command.path)' record -o /dev/stdout -- echo hello >'\(folder.file("a.dat"))'"
        let result = try shell(line)
        #expect(result.status == 0 && result.errors.contains("hello\n"), "\(result.errors)")
        #expect(try irqscope("report", folder.file("a.dat")).status == 0)
    }

    /// A nameless file is named through /proc, or by a privilege that not every process has.
    @Test(.enabled(if: Preload.isAvailable && program("unshare") != nil, Comment(rawValue: Preload.reason)))
    func theFileHasItsNameWithoutProc() throws {
        let (folder, preload) = (try TestFolder(), try Preload())
        let script = #"mount -t tmpfs none /proc && exec "$0" "$@""#
        let words = ["/bin/sh", "-c", script, Places.command.path, "record", "--duration", "200ms", "-o", folder.file("a.dat")]
        let recorder = try Recorder(
            ["/usr/bin/unshare", "-m"] + words, before: preload.before(["NO_EMPTY_PATH": 1]))
        #expect(recorder.status() == 0, "\(recorder.errors)")
        #expect(folder.names == ["a.dat"])
        #expect(try irqscope("report", folder.file("a.dat")).status == 0)
    }
}
