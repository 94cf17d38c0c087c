import IRQCore
import TraceFormats

/// Any bytes as the format of an event, as a kernel's file or a recording has it; behind 0xFF follow pages with such events. The
/// first byte chooses the machine.
func readFormats(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    var end = 1
    while let byte = span.byte(at: end), byte != 0xFF { end += 1 }
    let text = span.extracting(1..<end)
    let (order, long) = (choice & 1 == 0 ? ByteOrder.little : .big, choice & 2 == 0 ? 8 : 4)
    guard let reader = KernelFormats(byteOrder: order, longByteCount: long) else { return }
    _ = reader.pageLayout(headerPage: text.array, longByteCount: long, byteOrder: order)
    var formats = EventFormats()
    for system in ["irq", "irq_vectors", "workqueue", "sched"] { _ = reader.add(text, system: system, to: &formats) }
    guard end + 1 < span.byteCount, let layout = PageLayout(subBufferByteCount: 512, commitByteCount: long, byteOrder: order)
    else { return }
    let analysis = BufferAnalysis(shardCount: 1, options: AnalysisOptions())
    analysis.withShard(0) { shard in
        let slot = shard.addCPU(0)
        for start in stride(from: end + 1, to: span.byteCount, by: 512) {
            let page = span.extracting(start..<min(start + 512, span.byteCount))
            shard.feed(page: page, slot: slot, decoder: PageDecoder(layout: layout), formats: formats)
        }
    }
    let result = analysis.finish(buffer: "", vectorNames: formats.vectorNames, unusedNames: formats.unusedNames)
    precondition(result.ledger.usedEvents <= result.ledger.events)
}
