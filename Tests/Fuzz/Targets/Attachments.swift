import IRQCore

/// Any bytes as what `record` attaches to a recording: the counts at both ends, and the hardware.
func readAttachment(_ span: RawSpan) {
    let bytes = span.array
    guard let attachment = SnapshotAttachment(bytes) else { return }
    // Numbers may have been written with zeros in front.
    precondition(SnapshotAttachment(attachment.bytes) == attachment)
    let map = HardwareMap(attachment)
    precondition(map.lines.count <= HardwareMap.lineLimit && map.lines.allSatisfy { $0.irq >= 0 })
    var again = SnapshotAttachment()
    map.add(to: &again)
    precondition(HardwareMap(again) == map)
    let missing = attachment.missingEvents
    precondition(missing.allSatisfy { $0.cpu >= 0 })
    if let coverage = Coverage(attachment, irqs: [], vectors: [], softirqs: []) {
        precondition(coverage.traced == 0)
    }
    _ = (attachment.chosenTasks, attachment.trigger, attachment.isFromStart)
}
