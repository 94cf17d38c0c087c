internal import IRQCore
internal import Rendering

/// The words for a recording of which no table can be made, though it could be read.
enum NothingRead {
    /// Says on standard error what is missing and what to do; nothing where there is something to report.
    ///
    /// - Parameter report: a report of all of the recording.
    static func say(_ report: Report) {
        let file = SafeText.escaped(report.source.file)
        if report.hasNoEvents {
            Diagnostics.say("\(file): it holds no events at all: nothing happened that was traced, or tracing was off")
        } else if report.hasOnlyOtherEvents {
            Diagnostics.say(
                "\(file): none of its \(Units.count(report.ledger.events, "event", "events")) is of interrupts: "
                    + "irq:irq_handler_entry and irq:irq_handler_exit are needed, or irq:softirq_entry and irq:softirq_exit; "
                    + "record with irqscope record, trace-cmd record -e irq, or perf record -a -e 'irq:*'")
        }
    }
}
