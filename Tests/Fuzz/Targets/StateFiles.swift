import Rendering
@testable import IRQCore

/// Any bytes as a file that `affinity` or `sample` keeps: the first one chooses.
func readStateFiles(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let bytes = span.extracting(1..<span.byteCount).array
    if choice == UInt8(ascii: "a") { readAffinityState(bytes) } else { readSampleState(bytes) }
}

private func readAffinityState(_ bytes: [UInt8]) {
    guard let state = try? AffinityStateFile.decode(bytes) else { return }
    let written = AffinityStateFile.encode(state)
    precondition((try? AffinityStateFile.decode(written)) == state)
    precondition(state.files.allSatisfy { AffinityStateFile.isWritten($0.path) && !$0.path.contains("..") })
}

private func readSampleState(_ given: [UInt8]) {
    _ = try? SampleStateFile.decode(given)
    // The checksum of what was changed would keep it all out.
    var bytes = given
    let contents = bytes.count - StateWriter.endByteCount
    if contents > 0 {
        var hash = StableHash()
        for byte in bytes[..<contents] { hash.add(UInt64(byte)) }
        bytes.replaceSubrange(contents..., with: StateWriter.ending(hash))
    }
    guard let sums = try? SampleStateFile.decode(bytes) else { return }
    var again: [UInt8] = []
    SampleStateFile.write(sums) { again += $0 }
    precondition((try? SampleStateFile.decode(again)) == sums)
    checkText(Array(HandlerFamilies.text(sums).utf8))
}
