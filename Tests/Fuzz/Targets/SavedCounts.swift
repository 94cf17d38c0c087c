import Comparing
import Glibc
import IRQCore
@testable import KernelSource
import Rendering

/// Any bytes as a file that `diff` takes for counts: a copy of /proc/interrupts, or the output of `list --json`.
func readSavedCounts(_ span: RawSpan) {
    guard let path = memory.replaceContents(span), let kind = SavedCounts.kind(path) else { return }
    var problems: [String] = []
    guard let snapshot = try? SavedCounts.read(path, kind, cpus: nil, problems: &problems) else { return }
    precondition(snapshot.rows.allSatisfy { $0.calls >= $0.cpus.reduce(0) { $0 &+ $1.calls } })
    let comparison = Comparison(counts: snapshot, snapshot)
    checkText(written { DiffText(comparison, width: 80).write(to: &$0) })
    checkJSON(written { DiffJSON.write(comparison, to: &$0) })
}

/// A file without a name.
private final class MemoryFile: Sendable {
    private let descriptor: Int32

    init() {
        var path = Array("/tmp/fuzz-XXXXXX".utf8CString)
        descriptor = unsafe mkstemp(&path)
        unsafe unlink(path)
    }

    /// The path by which it can be opened, once it has new contents; nil if the system has none.
    func replaceContents(_ span: RawSpan) -> String? {
        guard descriptor >= 0, ftruncate(descriptor, 0) == 0 else { return nil }
        // All bytes lie there.
        let count = unsafe span.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        return count == span.byteCount ? "/proc/self/fd/\(descriptor)" : nil
    }
}

private let memory = MemoryFile()
