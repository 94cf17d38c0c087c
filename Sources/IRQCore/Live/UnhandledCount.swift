/// The extent to which the kernel's count of a line's unhandled interrupts can be believed.
///
/// If handlers go on in threads, nobody knows yet whether an interrupt was claimed when it comes. The kernel judges it
/// when the next one comes, by whether a thread has claimed anything meanwhile (kernel/irq/spurious.c `note_interrupt`,
/// `threads_handled`):
///
///     interrupt   1     2     3        4
///     thread       ╰────────claims╮     ╰──claims
///     counted           ✗     ✗        ✓             2 and 3 are unhandled by the count, though nothing is wrong
///
/// On PREEMPT_RT and with threadirqs that was a quarter of a network queue's interrupts. Only where next to none was
/// claimed it is certain: then the kernel disables the line, too.
public enum UnhandledCount {
    /// Fewer in a row may be the doing of a thread that had to wait.
    static let leastCount: UInt64 = 50

    /// True if so few were claimed that the kernel would disable the line for it.
    static func isNearlyAll(_ unhandled: UInt64, of judged: UInt64) -> Bool {
        let share = Double(SpuriousCounts.unhandledLimit) / Double(SpuriousCounts.judgedCount)
        return unhandled > 0 && Double(unhandled) > Double(judged) * share
    }

    /// The same of as many as make it certain.
    static func isCertain(_ unhandled: UInt64, of judged: UInt64) -> Bool {
        unhandled >= leastCount && isNearlyAll(unhandled, of: judged)
    }
}
