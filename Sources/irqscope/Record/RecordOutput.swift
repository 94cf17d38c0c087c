internal import Glibc
internal import IRQCore
internal import KernelSource
internal import TraceOutput

/// The way from a plan to the file or pipe that its recording goes to.
enum RecordOutput {
    /// Opens what the plan names, before anything is traced.
    static func open(_ plan: RecordPlan) throws(CommandFailure) -> OutputFile {
        do throws(RecordingWriteError) {
            return try OutputFile(
                plan.destination, replacing: .recording(isForced: plan.isForced), isPrivate: plan.hasAddresses)
        } catch {
            // A user who may not trace is told that first: another place would not help.
            let problem = error.number == EACCES && geteuid() != 0 ? tracingProblem(plan) : nil
            throw CommandFailure([problem ?? error.description], status: ExitStatus.failed)
        }
    }

    private static func tracingProblem(_ plan: RecordPlan) -> String? {
        do throws(TraceError) {
            _ = try TraceInstance(plan: plan.trace, tracingRoot: plan.tracingRoot)
            return nil
        } catch {
            return error.description
        }
    }

    /// A writer to it.
    static func writer(
        _ output: consuming OutputFile, _ plan: RecordPlan, layout: PageLayout, cpus: [Int]
    ) throws(CommandFailure) -> RecordingWriter {
        do throws(RecordingWriteError) {
            return try RecordingWriter(
                output, version: plan.version, compression: plan.compression,
                pageByteCount: layout.subBufferByteCount, cpus: cpus, layout: layout)
        } catch {
            throw CommandFailure([error.description], status: ExitStatus.failed)
        }
    }

    /// Says so if the kernel's addresses are now where others can read them.
    static func warn(_ plan: RecordPlan, _ size: RecordingSize) {
        guard size.isExposed else { return }
        Diagnostics.say(
            "\(plan.outputName): others can read addresses of the kernel in it, for it has owner and mode of the file "
                + "before; take both from it (chown, chmod 600), and remove that file next time")
    }
}
