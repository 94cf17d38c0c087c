import Comparing
import IRQCore
import Rendering

/// Any bytes as the outputs of `list --json` on two boxes, which `diff` compares: they are parted by 0xFF.
func readLists(_ span: RawSpan) {
    let parts = span.array.split(separator: 0xFF, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
    var snapshots: [CountSnapshot] = []
    for (place, part) in parts.enumerated() {
        let bytes = part.span
        guard let document = unsafe JSONValue(bytes.bytes) else { continue }
        var snapshot = CountSnapshot(file: "\(place)", format: "list")
        guard snapshot.add(document, cpus: place == 0 ? nil : [0, 2]) else { continue }
        snapshots.append(snapshot)
    }
    guard let first = snapshots.first else { return }
    let comparison = Comparison(counts: first, snapshots.last ?? first)
    checkText(written { DiffText(comparison, width: 100).write(to: &$0) })
    checkJSON(written { DiffJSON.write(comparison, to: &$0) })
    checkCSV(written { DiffCSV.write(comparison, to: &$0) })
}
