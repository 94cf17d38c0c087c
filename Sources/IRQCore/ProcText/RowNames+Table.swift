// The questions that only all rows of a table together answer.

extension RowNames {
    /// Marks the rows that count again what other rows count.
    ///
    /// - LoongArch and parisc have a line for all IPIs, and a row for each kind of them.
    /// - Guests of Xen have an event channel a CPU for IPIs, and the rows of x86 count the same.
    func markSums(_ rows: inout GrowableBuffer<PackedRow>) {
        let names = bytes
        var (hasKinds, hasX86Rows) = (false, false)
        for index in 0..<rows.count where rows[index].irq < 0 {
            let label = rows[index].label
            if label.byteCount == 4, names.has("IPI", at: label.start) { hasKinds = true }
            if label.byteCount == 3, Self.isIPIOfX86(names, label) { hasX86Rows = true }
        }
        guard hasKinds || hasX86Rows else { return }
        var hasXenIPIs = false
        for index in 0..<rows.count where rows[index].irq >= 0 {
            let tail = rows[index].tail
            if tail.byteCount > 4, names.has("IPI", at: tail.end &- 3),
                ASCII.isBlank(names.text(at: tail.end &- 4))
            {
                rows[index].isSum = true
            }
            if hasX86Rows, Self.isIPIOfXen(names, tail) { hasXenIPIs = true }
        }
        guard hasXenIPIs else { return }
        for index in 0..<rows.count where rows[index].irq < 0 {
            let label = rows[index].label
            if label.byteCount == 3, Self.isIPIOfX86(names, label) { rows[index].isSum = true }
        }
    }

    private static func isIPIOfX86(_ names: RawSpan, _ label: TextRange) -> Bool {
        if names.has("RES", at: label.start) { return true }
        return names.has("CAL", at: label.start)
    }

    /// True for `xen-percpu-ipi       resched0` and `xen-percpu    -ipi       resched0`.
    private static func isIPIOfXen(_ names: RawSpan, _ tail: TextRange) -> Bool {
        guard tail.byteCount > 16, names.has("xen", at: tail.start), names.has("percpu", at: tail.start &+ 4) else {
            return false
        }
        let flow = names.skippingBlanks(from: tail.start &+ 10)
        return names.has("-ipi", at: flow)
    }

    /// The layout of the texts of numbered rows.
    func layout(_ rows: borrowing GrowableBuffer<PackedRow>, hasWideGap: Bool) -> DescriptorText.Layout {
        let names = bytes
        var first: TextRange?
        var (areDifferent, hasParts) = (false, false)
        for index in 0..<rows.count where rows[index].irq >= 0 {
            let tail = rows[index].tail
            if tail.isEmpty { continue }
            var isBlankBefore = false
            for position in tail.start..<tail.end {
                let byte = names.text(at: position)
                let isBlank = ASCII.isBlank(byte)
                if byte == ASCII.tab || (isBlank && isBlankBefore) { return .fields }
                isBlankBefore = isBlank
            }
            let last = Self.lastWord(names, tail)
            // `9-fasteoi`, `IO-APIC-edge`: what newer kernels print behind a chip stands behind no action.
            if names.has("-edge", at: last.end &- 5) || ASCII.digit(names.text(at: last.start)) < 10 { hasParts = true }
            if let first, !Self.same(names, first, tail) { areDifferent = true }
            first = first ?? tail
        }
        guard first != nil else { return .fields }
        if !hasWideGap { return .squeezed }
        return areDifferent && !hasParts ? .actionsOnly : .fields
    }

    private static func lastWord(_ names: RawSpan, _ tail: TextRange) -> TextRange {
        var start = tail.end
        while start > tail.start, !ASCII.isBlank(names.text(at: start &- 1)) { start &-= 1 }
        return TextRange(start: start, end: tail.end)
    }

    private static func same(_ names: RawSpan, _ a: TextRange, _ b: TextRange) -> Bool {
        guard a.byteCount == b.byteCount else { return false }
        for index in 0..<a.byteCount where names.text(at: a.start &+ index) != names.text(at: b.start &+ index) {
            return false
        }
        return true
    }
}
