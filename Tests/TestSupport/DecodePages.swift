import IRQCore

/// Feeds any bytes as the pages of one CPU to a shard, and checks what must hold for any input. The first
/// byte chooses the machine.
public func decodePages(_ span: RawSpan) {
    let choice = span.byte(at: 0) ?? 0
    guard
        let layout = PageLayout(
            subBufferByteCount: choice & 4 == 0 ? 512 : 4096, commitByteCount: choice & 2 == 0 ? 8 : 4,
            byteOrder: choice & 1 == 0 ? .little : .big)
    else { return }
    var formats = EventFormats()
    let pid = NumberField(offset: 4, byteCount: 4, isSigned: true)
    let first = NumberField(offset: 8, byteCount: 4, isSigned: true)
    let second = NumberField(offset: 12, byteCount: 4, isSigned: true)
    let encoding: TextField.Encoding = choice & 8 == 0 ? .dataLocation : .relativeLocation
    let text = TextField(offset: 12, byteCount: 4, encoding: encoding)
    let kinds: [EventKind] = [.softirqRaise, .softirqEntry, .softirqExit, .workQueue, .workStart, .workEnd]
    _ = formats.add(EventFormat(kind: .irqEntry, pid: pid, numbers: [first], text: text), id: 0)
    _ = formats.add(EventFormat(kind: .irqExit, pid: pid, numbers: [first, second]), id: 1)
    for (index, kind) in kinds.enumerated() {
        _ = formats.add(EventFormat(kind: kind, pid: pid, numbers: [first, second]), id: 2 + index)
    }
    if let index = formats.vectorIndex(of: "timer") {
        _ = formats.add(EventFormat(kind: .vectorEntry, pid: pid, vectorIndex: index), id: 8)
        _ = formats.add(EventFormat(kind: .vectorExit, pid: pid, vectorIndex: index), id: 9)
    }
    var options = AnalysisOptions()
    options.slowCount = 2
    let analysis = BufferAnalysis(shardCount: 1, options: options)
    analysis.withShard(0) { shard in
        let slot = shard.addCPU(0)
        var offset = 1
        while offset < span.byteCount {
            let end = min(offset + layout.subBufferByteCount, span.byteCount)
            shard.feed(
                page: span.extracting(offset..<end), slot: slot, decoder: PageDecoder(layout: layout), formats: formats)
            offset = end
        }
    }
    let result = analysis.finish(buffer: "", vectorNames: formats.vectorNames)
    precondition(result.ledger.usedEvents <= result.ledger.events)
}
