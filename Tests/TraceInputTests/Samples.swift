import IRQCore
import TestSupport
import TraceInput

/// Small recordings of known content.
enum Samples {
    /// Two CPUs with a hardirq, a softirq, a timer and a work item that moves between them.
    static func recording(
        version: Int = 7, byteOrder: ByteOrder = .little, long: Int = 8, page: Int = 4096, compression: String = "none",
        texts: FormatTexts? = nil, change: (inout RecordingBuilder) -> Void = { _ in }
    ) -> [UInt8] {
        builder(
            version: version, byteOrder: byteOrder, long: long, page: page, compression: compression, texts: texts,
            change: change
        )
        .build()
    }

    static func builder(
        version: Int = 7, byteOrder: ByteOrder = .little, long: Int = 8, page: Int = 4096, compression: String = "none",
        texts: FormatTexts? = nil, change: (inout RecordingBuilder) -> Void = { _ in }
    ) -> RecordingBuilder {
        var recording = RecordingBuilder()
        recording.version = version
        recording.byteOrder = byteOrder
        recording.longByteCount = long
        recording.pageByteCount = page
        recording.compression = compression
        recording.texts = texts ?? FormatTexts(longByteCount: long)
        recording.kallsyms = "c0001000 T first\nc0002000 t do_work\t[mod]\nc0003000 T last\n"
        recording.buffers = [("", [(0, pages(recording, cpu: 0)), (1, pages(recording, cpu: 1))])]
        change(&recording)
        return recording
    }

    static func pages(_ recording: RecordingBuilder, cpu: Int, pageCount: Int = 3) -> [[UInt8]] {
        let events = EventBuilder(recording.texts, recording.byteOrder)
        return (0..<pageCount).map { index in
            let start = UInt64(1_000_000 + index * 100_000)
            var page = PageBuilder(recording.layout, start: start)
            if cpu == 0 {
                page.event(at: start, events.softirq("raise", 3))
                page.event(at: start + 100, events.irqEntry(36, "eth0-rx", pid: 42))
                page.event(at: start + 400, events.irqExit(36, ret: 1, pid: 42))
                page.event(at: start + 500, events.softirq("entry", 3, pid: 42))
                page.event(at: start + 600, events.timer("entry", pid: 42))
                page.event(at: start + 650, events.timer("exit", pid: 42))
                page.event(at: start + 1500, events.softirq("exit", 3, pid: 42))
                page.event(at: start + 1600, events.work("queue_work", 0xC100, 0xC000_2000))
            } else {
                page.event(at: start + 2000, events.other())
                page.event(at: start + 2600, events.work("execute_start", 0xC100, 0xC000_2000, pid: 77))
                page.event(at: start + 4600, events.work("execute_end", 0xC100, 0xC000_2000, pid: 77))
            }
            return page.bytes()
        }
    }

    static func report(_ bytes: [UInt8], _ options: ReadOptions = ReadOptions()) throws(RecordingError) -> Report {
        let span = bytes.span
        return try TraceInput.report(onBytes: span.bytes, name: "sample.dat", options: options)
    }

    /// The error that `bytes` give, or nil.
    static func error(_ bytes: [UInt8]) -> RecordingError? {
        do {
            _ = try report(bytes)
            return nil
        } catch { return error }
    }

    /// What the sample must give, whatever it is written in.
    static func check(_ report: Report) -> [String] {
        var wrong: [String] = []
        func expect(_ isTrue: Bool, _ what: String) { if !isTrue { wrong.append(what) } }
        let irq = report[.irq].first
        expect(
            report[.irq].count == 1 && irq?.number == 36 && irq?.name == "eth0-rx",
            "irq \(String(describing: irq?.name))")
        expect(irq?.calls == 3 && irq?.duration.totalNanoseconds == 900, "irq times")
        let softirq = report[.softirq].first
        expect(softirq?.name == "NET_RX" && softirq?.duration.totalNanoseconds == 3000, "softirq times")
        expect(softirq?.duration.selfNanoseconds == 2850, "softirq self")
        expect(softirq?.latency.totalNanoseconds == 1500, "raise latency")
        expect(report[.vector].first?.duration.totalNanoseconds == 150, "vector")
        let work = report[.work].first
        expect(work?.name == "do_work" && work?.module == "mod", "work name \(String(describing: work?.name))")
        expect(work?.duration.totalNanoseconds == 6000 && work?.latency.totalNanoseconds == 3000, "work times")
        expect(report.ledger.events == 33 && report.ledger.usedEvents == 30, "events \(report.ledger)")
        expect(report.ledger.gaps == 0 && report.ledger.damagedPages == 0, "loss \(report.ledger)")
        expect(report.source.cpuCount == 2 && report.source.clock == "mono", "source \(report.source)")
        expect(report.notes.isEmpty, "notes \(report.notes)")
        return wrong
    }
}
