import IRQCore

/// One way through all records of a perf.data, from its files to the analysis.
///
/// A CPU's events are in the order of time where each CPU has a buffer, which perf writes by turns: then they are fed as they
/// come. Where that is not so (`isLate`), another run puts them in order first.
struct PerfRun: ~Copyable {
    var analysis: BufferAnalysis
    let table: SampleTable
    let queue: SampleQueue?
    let attributes: [PerfAttribute]
    let isSwapped: Bool
    var counts = SampleCounts()
    var losses = PerfLosses()
    var tasks: PerfTasks?
    var rounds: [PerfRound]
    /// True if a sample came that is earlier than the one before on its CPU.
    private(set) var isLate = false
    /// True if events of several CPUs could not be put into one order.
    var isMergeForced = false

    /// The end of a run of records.
    struct End {
        enum Reason {
            /// The next record is not there as a whole.
            case needsMore
            /// A packed record follows.
            case packed
            case damage(String)
            /// A file of the named format begins.
            case otherFile(String)
            case late
        }
        var used: Int
        let reason: Reason
    }

    /// The part that is most behind, for its turn; nil when all are finished.
    var nextPart: Int? {
        rounds.indices.filter { !rounds[$0].isFinished }.min { rounds[$0].position < rounds[$1].position }
    }

    /// The names of tasks that came with the samples.
    var taskNames: [Int32: String] { tasks?.names ?? [:] }

    /// The highest CPU that was seen, and one.
    var cpuLimit: Int { analysis.withShard(0) { $0.cpuNumberLimit } }

    /// Events that wait for those of other CPUs, at most.
    static let waitingLimit = 1 << 16

    init(
        _ contents: PerfContents, _ table: consuming SampleTable, _ formats: borrowing EventFormats, partCount: Int,
        isSorted: Bool, _ options: AnalysisOptions
    ) {
        analysis = BufferAnalysis(
            shardCount: 1, options: options, isDeep: formats.isDeep, hasWaking: formats.contains(.schedWaking))
        self.table = table
        queue = isSorted ? SampleQueue() : nil
        attributes = contents.attributes
        isSwapped = contents.byteOrder.isSwapped
        tasks = options.wantsTaskNames || formats.isDeep ? PerfTasks() : nil
        rounds = Array(repeating: PerfRound(), count: partCount)
    }

    /// Feeds what a buffer holds.
    mutating func feed(
        _ buffer: borrowing ReadBuffer, count: Int, part: Int, _ formats: borrowing EventFormats
    ) -> End {
        feed(buffer.bytes(count: count), part: part, formats)
    }

    /// Feeds records, as many as there are as a whole.
    mutating func feed(_ bytes: RawSpan, part: Int, _ formats: borrowing EventFormats) -> End {
        var offset = 0
        while true {
            switch feedSamples(bytes, from: &offset, part: part, formats) {
            case .otherRecord:
                guard let header = SampleHeader.read(bytes, at: offset, isSwapped: isSwapped) else {
                    return End(used: offset, reason: .needsMore)
                }
                if PerfRecordType.isCompressed(header.type) { return End(used: offset, reason: .packed) }
                if header.byteCount < 8 {
                    return End(used: offset, reason: .damage("a record has a size of \(header.byteCount) bytes"))
                }
                if header.type >= PerfRecordType.foreign,
                    let name = RecordingFormat.name(of: bytes.extracting(offset..<bytes.byteCount))
                {
                    return End(used: offset, reason: .otherFile(name))
                }
                guard bytes.holds(header.byteCount, at: offset) else { return End(used: offset, reason: .needsMore) }
                take(header, bytes, at: offset, part: part, formats)
                guard let next = PerfRecord.end(of: header, at: offset, in: bytes, isSwapped: isSwapped) else {
                    return End(used: offset, reason: .damage("a record says that more data follow than can be"))
                }
                offset = next
                if offset >= bytes.byteCount { return End(used: offset, reason: .needsMore) }
            case .late:
                isLate = true
                return End(used: offset, reason: .late)
            case .full, .newCPU: makeRoom(formats)
            }
        }
    }

    private mutating func feedSamples(
        _ bytes: RawSpan, from offset: inout Int, part: Int, _ formats: borrowing EventFormats
    ) -> SampleStop {
        // Local, for the closure may not use `self` while `analysis` is lent.
        var (place, counts) = (offset, counts)
        let stop = analysis.withShard(0) { shard in
            if let queue {
                queue.take(bytes, from: &place, table: table, formats: formats, counts: &counts, shard: &shard)
            } else {
                shard.feed(samples: bytes, from: &place, table: table, formats: formats, counts: &counts)
            }
        }
        self.counts = counts
        rounds[part].position = counts.lastTime
        offset = place
        return stop
    }
}
