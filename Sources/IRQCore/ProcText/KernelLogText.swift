/// The kernel's log, as dmesg(1) or syslog(2) print it, of which the lines matter that say that an interrupt was disabled:
///
///     <0>[ 4299.234101] irq 16: nobody cared (try booting with the "irqpoll" option)
///     <0>[ 4299.234201] Disabling IRQ #16
public enum KernelLogText {
    /// No box disables more.
    private static let irqLimit = 1_024

    /// The interrupts that the kernel says it has disabled.
    public static func disabledInterrupts(_ text: RawSpan) -> Set<Int> {
        var found: Set<Int> = []
        let words: StaticString = "Disabling IRQ #"
        var position = 0
        while position + words.utf8CodeUnitCount < text.byteCount, found.count < irqLimit {
            guard isThere(words, text, position) else {
                position &+= 1
                continue
            }
            position &+= words.utf8CodeUnitCount
            var isTooLarge = false
            if let number = text.decimal(at: &position, isTooLarge: &isTooLarge), number <= UInt64(Int32.max),
                !isTooLarge
            {
                found.insert(Int(number))
            }
        }
        return found
    }

    private static func isThere(_ words: StaticString, _ text: RawSpan, _ position: Int) -> Bool {
        for index in 0..<words.utf8CodeUnitCount {
            // Inside the literal: below its count.
            guard unsafe text.text(at: position &+ index) == words.utf8Start[index] else { return false }
        }
        return true
    }
}
