import Foundation
import KernelSource
import TestSupport
import Testing

/// Whatever signal ends a run, and whenever, its instance goes too.
@Suite(.serialized, .enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) struct TraceSignalTests {
    /// Signals that a run of `record` takes as a wish to end.
    static let wishes: Set<Int32> = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1]
    static let (firstRealTime, lastRealTime) = (__libc_current_sigrtmin(), __libc_current_sigrtmax())

    /// Nothing is printed of a crash.
    static let before = "os.environ['SWIFT_BACKTRACE'] = 'enable=no'"

    static func expectGone(_ recorder: Recorder, status: Int32) throws {
        #expect(recorder.status() == status, "\(recorder.errors)")
        #expect(try Tracefs.instances(of: recorder.id) == [])
    }

    @Test(arguments: EndingSignals.crashes + EndingSignals.others.filter { $0 < 33 } + [firstRealTime, lastRealTime])
    func everySignalInBatch(number: Int32) throws {
        let recorder = try Recorder([Places.command.path, "top", "-b", "-J"], before: Self.before)
        try recorder.waitForInstance()
        recorder.send(number)
        try Self.expectGone(recorder, status: 128 + number)
    }

    @Test(arguments: EndingSignals.others.filter { !wishes.contains($0) && $0 < 33 } + [SIGSEGV, firstRealTime])
    func othersEndARecordingAtOnce(number: Int32) throws {
        let folder = try TestFolder()
        let recorder = try Recorder(record: ["-o", folder.file("a.dat")], before: Self.before)
        try recorder.waitForInstance()
        recorder.send(number)
        try Self.expectGone(recorder, status: 128 + number)
        #expect(folder.names == [])
    }

    /// The moments in which a signal used to leave the instance, tracing: when it was made and not noted yet, and while
    /// a file of it was open for a setting (75 of 100 runs that were ended in the first 60 ms).
    @Test(
        .enabled(if: Preload.isAvailable, Comment(rawValue: Preload.reason)),
        arguments: [("top -b -J -n 1 -d 0.1", SIGTERM), ("record --duration 10ms -o -", SIGSEGV)])
    func signalWhileItIsSetUp(command: String, number: Int32) throws {
        let preload = try Preload()
        var ended = 0
        for moment in 0..<100 {
            let words = [Places.command.path] + command.split(separator: " ").map(String.init)
            let recorder = try Recorder(words, before: preload.before(["RAISE": Int(number), "RAISE_AT": moment]))
            let status = recorder.status()
            #expect(try Tracefs.instances(of: recorder.id) == [], "at \(moment)")
            // Behind the last setting it comes to its end by itself.
            if status == 0 { break }
            #expect(status == 128 + number, "at \(moment): \(recorder.errors)")
            ended += 1
        }
        #expect(ended > 8 && ended < 50)
    }

    @Test func twoSignalsAtOnce() throws {
        for _ in 0..<5 {
            let recorder = try Recorder([Places.command.path, "top", "-b", "-J"])
            try recorder.waitForInstance()
            for number in [SIGTERM, SIGHUP, SIGINT, SIGUSR1, SIGALRM] { recorder.send(number) }
            #expect(recorder.status() ?? 0 > 128)
            #expect(try Tracefs.instances(of: recorder.id) == [])
        }
    }

    @Test func ignoredSignalsStayIgnored() throws {
        let before = "[signal.signal(s, signal.SIG_IGN) for s in (signal.SIGHUP, signal.SIGUSR1)]"
        let recorder = try Recorder([Places.command.path, "top", "-b", "-J", "-d", "0.1"], before: before)
        try recorder.waitForLines(1)
        recorder.send(SIGHUP)
        recorder.send(SIGUSR1)
        try recorder.waitForLines(recorder.text.split(separator: "\n").count + 2)
        recorder.send(SIGTERM)
        try Self.expectGone(recorder, status: 128 + SIGTERM)
    }

    /// A stack that runs out needs another one for the handler.
    @Test func stackOverflowRemovesTheInstance() throws {
        let holder = try Holder("overflow")
        holder.process.waitUntilExit()
        #expect(holder.name.hasPrefix("irqscope-") && holder.process.terminationReason == .uncaughtSignal)
        #expect(try !Tracefs.instances().contains(holder.name))
    }

    /// Somebody looks into the instance while its owner ends: then it stays, and traces nothing.
    @Test(arguments: [SIGTERM, SIGSEGV]) func anInstanceThatCannotBeRemovedDoesNotTrace(number: Int32) throws {
        let root = try #require(Tracefs.root)
        let holder = try Holder("hold")
        let path = "\(root)/instances/\(holder.name)"
        let file = open("\(path)/trace", O_RDONLY | O_CLOEXEC)
        try #require(file >= 0)
        #expect(try Tracefs.text("instances/\(holder.name)/tracing_on") == "1\n")
        holder.end(number)
        #expect(try Tracefs.text("instances/\(holder.name)/tracing_on") == "0\n")
        close(file)
        #expect(TraceOrphans.remove().contains(holder.name) || access(path, F_OK) != 0)
    }

    // MARK: - Limits of resources

    /// Runs a shell line with all signals as they are by default; @ is the program.
    static func limited(_ line: String) throws -> (status: Int32?, text: String, errors: String) {
        let line = line.replacingOccurrences(of: "@", with: "'\(Places.command.path)'")
        let recorder = try Recorder(["/bin/bash", "-c", line], before: before)
        return (recorder.status(seconds: 60), recorder.text, recorder.errors)
    }

    @Test func filesTooSmallForARecording() throws {
        let folder = try TestFolder()
        let result = try Self.limited("ulimit -f 8; @ record --duration 100ms -o '\(folder.file("a.dat"))'")
        #expect(result.status == 1 && result.errors.contains("files may have 8 KiB, and not even 8 MiB: File too large;"))
        #expect(result.errors.contains("raise the limit of file sizes (ulimit -f)") && folder.names == [])
    }

    /// It ends where the limit is near, and the file is whole.
    @Test func filesLargeEnoughForAPart() throws {
        let folder = try TestFolder()
        let path = folder.file("a.dat")
        let options = "record --file-version 6 --duration 60s --events irq,softirq,irq_vectors,sched -o '\(path)'"
        let result = try DiskLoad.during { try Self.limited("ulimit -f \(9 << 10); @ \(options)") }
        #expect(result.status == 1 && result.errors.contains("no more events can be kept after 1"), "\(result.errors)")
        #expect(result.errors.contains("File too large; raise the limit of file sizes (ulimit -f)"), "\(result.errors)")
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(size ?? 0 > 1 << 20 && size ?? 0 <= 9 << 20)
        #expect(try irqscope("report", path).status == 0)
    }

    @Test func textTooLongForAFile() throws {
        let folder = try TestFolder()
        let result = try Self.limited("ulimit -f 4; @ top -b -J -d 0.1 >'\(folder.file("a.json"))'")
        #expect(result.status == 1 && result.errors.contains("standard output cannot be written: File too large"))
    }

    @Test(arguments: [("top -b -n 1 -d 0.1", 1), ("record --duration 10ms -o -", 1), ("list", 1), ("alert", 3)])
    func smallStack(command: String, status: Int32) throws {
        let result = try Self.limited("ulimit -s 64; @ \(command)")
        #expect(result.status == status && result.text.isEmpty)
        #expect(result.errors == "irqscope: the stack may have 64 KiB, and 256 are needed; raise the limit (ulimit -s 256)\n")
        // What is allowed is enough.
        let larger = try Self.limited("ulimit -s 256; @ \(command)")
        #expect(larger.status ?? 255 < 128 && !larger.errors.contains("stack"), "\(larger.errors)")
    }
}
