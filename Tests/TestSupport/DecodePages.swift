import IRQCore

/// Any bytes as pages of one CPU: the first byte chooses the machine.
public struct PageBytes: ~Escapable {
    /// The pages' layout.
    public let layout: PageLayout
    private let choice: UInt8
    private let span: RawSpan

    /// Takes bytes; nil if there are none.
    @_lifetime(copy span)
    public init?(_ span: RawSpan) {
        guard let choice = span.byte(at: 0),
            let layout = PageLayout(
                subBufferByteCount: choice & 4 == 0 ? 512 : 4096, commitByteCount: choice & 2 == 0 ? 8 : 4,
                byteOrder: choice & 1 == 0 ? .little : .big)
        else { return nil }
        (self.layout, self.choice, self.span) = (layout, choice, span)
    }

    /// The number of pages, of which the last may be cut short.
    public var count: Int { (span.byteCount - 1 + layout.subBufferByteCount - 1) / layout.subBufferByteCount }

    /// A page.
    @_lifetime(copy self)
    public func page(_ index: Int) -> RawSpan {
        let start = 1 + index * layout.subBufferByteCount
        return span.extracting(start..<min(start + layout.subBufferByteCount, span.byteCount))
    }

    /// The events that the pages have.
    public func formats() -> EventFormats {
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
        return formats
    }

    /// Leads the pages through the analysis.
    public func analyze() -> BufferResult {
        let formats = formats()
        var options = AnalysisOptions()
        options.slowCount = 2
        let analysis = BufferAnalysis(shardCount: 1, options: options)
        analysis.withShard(0) { shard in
            let slot = shard.addCPU(0)
            for index in 0..<count {
                shard.feed(page: page(index), slot: slot, decoder: PageDecoder(layout: layout), formats: formats)
            }
        }
        return analysis.finish(buffer: "", vectorNames: formats.vectorNames)
    }
}
