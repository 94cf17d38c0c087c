/// The text of /sys/kernel/debug/irq/irqs/N about a line (kernel/irq/debugfs.c, CONFIG_GENERIC_IRQ_DEBUGFS):
///
///     istate:   0x00000002
///                 IRQS_SPURIOUS_DISABLED
///     ddepth:   1
///
/// The names are looked for and not the bits, whose values are no interface.
public enum IRQStateText {
    /// True if the kernel has disabled the line because nobody claimed its interrupts; nil if the text does not tell.
    public static func isSpuriousDisabled(_ text: RawSpan) -> Bool? {
        var hasState = false
        var isInState = false
        var position = 0
        while position < text.byteCount {
            let end = text.endOfLine(from: position)
            let start = text.skippingBlanks(from: position)
            if start == position { isInState = text.begins(with: "istate:", at: position) }
            hasState = hasState || isInState
            if isInState, text.begins(with: "IRQS_SPURIOUS_DISABLED", at: start) { return true }
            position = end &+ 1
        }
        return hasState ? false : nil
    }

    /// True if the kernel knows the line as one that each CPU has for itself; nil if the text does not tell.
    public static func isPerCPU(_ text: RawSpan) -> Bool? {
        var hasState = false
        var position = 0
        while position < text.byteCount {
            let start = text.skippingBlanks(from: position)
            hasState = hasState || text.begins(with: "dstate:", at: start)
            if text.begins(with: "IRQD_PER_CPU", at: start) || text.begins(with: "_IRQ_PER_CPU", at: start) {
                return true
            }
            position = text.endOfLine(from: position) &+ 1
        }
        return hasState ? false : nil
    }
}

extension RawSpan {
    /// True if the bytes from `position` on begin with `word`.
    fileprivate func begins(with word: StaticString, at position: Int) -> Bool {
        for index in 0..<word.utf8CodeUnitCount {
            // Inside: below its length.
            guard byte(at: position &+ index) == (unsafe word.utf8Start[index]) else { return false }
        }
        return true
    }
}
