public import IRQCore

/// Handler times for Prometheus: histograms of all handlers and softirqs, which add up over boxes and over time.
public enum HandlerFamilies {
    /// The facts about a run of `sample` that are no sums.
    public struct Run: Sendable {
        /// The time when it ended, in nanoseconds since 1970.
        public var wallNanoseconds: UInt64
        /// The CPUs that were online.
        public var cpuCount: Int

        /// Creates facts; see the properties.
        public init(wallNanoseconds: UInt64, cpuCount: Int) {
            (self.wallNanoseconds, self.cpuCount) = (wallNanoseconds, cpuCount)
        }
    }

    /// The text.
    ///
    /// - Parameters:
    ///   - run: the run of `sample` that wrote it; nil for a recording.
    ///   - tellsLosses: false if nobody knows how many events were lost.
    public static func text(_ sums: HandlerSums, run: Run? = nil, tellsLosses: Bool = true) -> String {
        var out = Exposition()
        // The first line tells whose file it is: see OwnFile.
        out.seconds("irqscope_sampled_seconds_total", "Time in which handlers were traced.", [sums]) {
            $0.sampledNanoseconds
        }
        if tellsLosses {
            out.family("irqscope_sample_lost_events_total", "Events that could not be kept.", [sums], is: .counter) {
                .count($0.lostEvents)
            }
        }
        if let run {
            out.family("irqscope_samples_total", "Runs of irqscope sample since boot.", [sums], is: .counter) {
                .count($0.sampleCount)
            }
            out.family(
                "irqscope_sample_last_run_timestamp_seconds",
                "When irqscope sample ran last, in seconds since 1970.", [run]
            ) { .stamp($0.wallNanoseconds) }
            out.family("irqscope_sample_cpus", "CPUs that were online then.", [run]) { .number($0.cpuCount) }
        }
        add(handlers(sums), of: sums, to: &out)
        add(sums.softirqs, of: sums, to: &out)
        return out.text
    }

    private static func add(_ handlers: [HandlerSums.Handlers], of sums: HandlerSums, to out: inout Exposition) {
        out.histogram(
            "irqscope_handler_duration_seconds", "Time that interrupt handlers took.", handlers, labels: labels
        ) { $0.durations }
        out.family(
            "irqscope_handler_calls_total", "Calls of interrupt handlers while they were traced.", handlers,
            is: .counter,
            labels: labels
        ) { .count($0.calls) }
        out.family(
            "irqscope_handler_unhandled_total", "Calls whose handler said that the interrupt was not its own.",
            handlers, is: .counter, labels: labels
        ) { .count($0.unhandled) }
        out.family(
            "irqscope_handler_calls_per_second", "Calls of interrupt handlers per second, when traced last.", handlers,
            labels: labels
        ) { rate($0.lastCalls, sums) }
    }

    private static func add(_ softirqs: [HandlerSums.Softirq], of sums: HandlerSums, to out: inout Exposition) {
        out.histogram(
            "irqscope_softirq_duration_seconds", "Time that softirqs took.", softirqs, labels: labels
        ) { $0.durations }
        // Not every kernel tells of raises.
        out.histogram(
            "irqscope_softirq_raise_latency_seconds", "Time from the first raise of a softirq to its begin.",
            softirqs.filter { $0.raiseLatencies.durationCount > 0 }, labels: labels
        ) { $0.raiseLatencies }
        out.family(
            "irqscope_softirq_calls_total", "Runs of softirqs while they were traced.", softirqs, is: .counter,
            labels: labels
        ) { .count($0.calls) }
        out.family(
            "irqscope_softirq_calls_per_second", "Runs of softirqs per second, when traced last.", softirqs,
            labels: labels
        ) { rate($0.lastCalls, sums) }
    }

    private static func rate(_ calls: UInt64, _ sums: HandlerSums) -> Cell? {
        sums.lastNanoseconds == 0 ? nil : .perSecond(Double(calls) * 1e9 / Double(sums.lastNanoseconds))
    }

    // MARK: Labels

    private static func labels(_ handlers: HandlerSums.Handlers) -> Exposition.Labels {
        let group = handlers.group
        return [("action", group.action), ("kind", group.kind), ("driver", group.driver)] + buffer(group.buffer)
    }

    private static func labels(_ softirq: HandlerSums.Softirq) -> Exposition.Labels {
        [("softirq", SoftirqNames.name(of: Int64(softirq.vector)))] + buffer(softirq.buffer)
    }

    private static func buffer(_ name: String) -> Exposition.Labels { name.isEmpty ? [] : [("buffer", name)] }

    /// Handlers in the order of their labels, each but once: names that differ in what cannot be shown have the same.
    private static func handlers(_ sums: HandlerSums) -> [HandlerSums.Handlers] {
        var shown: [HandlerGroup: HandlerSums.Handlers] = [:]
        for handlers in sums.handlers {
            let group = HandlerGroup(
                action: SafeText.escaped(handlers.group.action), kind: handlers.group.kind,
                driver: SafeText.escaped(handlers.group.driver), buffer: SafeText.escaped(handlers.group.buffer))
            shown[group, default: HandlerSums.Handlers(group)].add(handlers)
        }
        return shown.values.sorted { $0.group < $1.group }
    }
}
