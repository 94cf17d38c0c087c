public import IRQCore

extension HandlerFamilies {
    /// Writes the sums as JSON (irqscope.sample.v1), and the end of its line.
    public static func write(_ sums: HandlerSums, run: Run, to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.sample.v1"))
            json.member("boot_id", .text(sums.bootID.isEmpty ? nil : sums.bootID))
            json.member("cpus", .number(run.cpuCount))
            json.array("handlers") { json in
                for handlers in sums.handlers.sorted(by: { $0.group < $1.group }) {
                    json.object { write(handlers, to: &$0) }
                }
            }
            json.member("limits_ns", .counts(DurationBuckets.limitsNanoseconds))
            json.member("lost_events", .count(sums.lostEvents))
            json.member("sampled_ns", .nanoseconds(sums.sampledNanoseconds))
            json.member("samples", .count(sums.sampleCount))
            json.array("softirqs") { json in
                for softirq in sums.softirqs { json.object { write(softirq, to: &$0) } }
            }
            json.member("time", .stamp(run.wallNanoseconds))
        }
    }

    private static func write(_ handlers: HandlerSums.Handlers, to json: inout JSONWriter) {
        json.member("action", .text(handlers.group.action))
        json.member("calls", .count(handlers.calls))
        json.member("driver", .text(handlers.group.driver.isEmpty ? nil : handlers.group.driver))
        json.object("duration") { write(handlers.durations, to: &$0) }
        json.member("kind", .text(handlers.group.kind))
        json.member("unhandled", .count(handlers.unhandled))
    }

    private static func write(_ softirq: HandlerSums.Softirq, to json: inout JSONWriter) {
        json.member("calls", .count(softirq.calls))
        json.object("duration") { write(softirq.durations, to: &$0) }
        json.member("name", .text(SoftirqNames.name(of: Int64(softirq.vector))))
        json.object("raise_latency") { write(softirq.raiseLatencies, to: &$0) }
        json.member("vector", .number(softirq.vector))
    }

    private static func write(_ durations: DurationBuckets, to json: inout JSONWriter) {
        json.member("buckets", .counts(durations.counts))
        json.member("count", .count(durations.durationCount))
        json.member("total_ns", .nanoseconds(durations.totalNanoseconds))
    }
}
