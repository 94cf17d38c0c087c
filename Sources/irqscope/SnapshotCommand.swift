internal import ArgumentParser
internal import IRQCore
internal import KernelSource
internal import TraceOutput

/// `irqscope snapshot`: a box in a file, to be judged elsewhere.
struct SnapshotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "snapshot",
        abstract: "Saves what doctor and affinity read of this box, in two samples, into an archive.")

    @OptionGroup var place: PlaceOptions<SnapshotKind>

    @Flag(help: "Wait 2 s between the two samples instead of 12.")
    var quick = false

    func run() throws {
        if !place.isNamed, StandardOutput.isTerminal {
            throw CommandFailure(
                ["an archive does not belong on a terminal; redirect it, or name a file with -o"],
                status: ExitStatus.usage)
        }
        // Nobody shall wait for two samples that have no place to go.
        let file: PackedFile
        do throws(RecordingWriteError) {
            file = try PackedFile(place.destination, replacing: place.rule())
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        let entries: [TarEntry]
        do throws(ExaminationError) {
            entries = try ExaminationSource.snapshot { SampleWait.wait(isQuick: quick, isProgressShown: true) }
        } catch {
            throw CommandFailure([CopyOptions.liveProblem(error)], status: ExitStatus.failed)
        }
        do throws(RecordingWriteError) {
            try file.write(TarArchive.write(entries))
        } catch {
            if error.isReaderGone { return }
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
        if place.isNamed {
            let path = place.path
            Diagnostics.say(
                "\(path) has \(entries.count) files; irqscope doctor --root \(path) reads it. Look what is in it before you"
                    + " send it: tar -tf \(path)")
        }
    }
}
