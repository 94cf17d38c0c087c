/// The facts in the text behind the counts of a numbered row (kernel/irq/proc.c `show_interrupts`).
///
/// ```
/// PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0     chip, hwirq-flow, actions
/// GICv3  27 Level     arch_timer                        chip, hwirq, trigger, actions
/// SiFive PLIC   1 Edge      ccache_ecc                  the chip's name may hold a blank
/// IR-IO-APIC-fasteoi   ehci_hcd:usb2                    older x86: chip-flow
/// GIC  s3c2410-wdt                                      no hwirq
/// IO-APIC   27-fasteoi   idma64.0, i2c_designware.0     several actions
/// xen-dyn    -event     xenbus                          no hwirq, but a flow
/// IR-PCI-MSI-0000:00:19.0      0 oob-edge      eno1     Dovetail: oob for lines of its real-time stage
/// s3c2410-uart                                          ARM before 2.6.30: actions alone
/// ```
/// Two blanks at least stand before the actions, single ones inside of names. Where runs of blanks have been squeezed
/// (`tr -s ' '`, a mail), the number or the flow tells where the chip ends, and else its first word is the chip.
public struct DescriptorText: Equatable, Sendable {
    /// The layout of the texts of a whole table.
    public enum Layout: BitwiseCopyable, Sendable {
        /// Two blanks and more between the parts.
        case fields
        /// One blank between all words: runs of them were squeezed.
        case squeezed
        /// Actions only.
        case actionsOnly
    }

    /// The interrupt controller's name.
    public var chip: String?
    /// The controller's own number.
    public var hwirq: UInt64?
    /// `edge` or `level`, where told.
    public var trigger: String?
    /// The name of the way the kernel handles the line, behind a hyphen (`fasteoi`, `virq`), where it is told.
    public var flow: String?
    /// The names that drivers gave.
    public var actions: [String] = []

    /// Creates what tells nothing.
    public init() {}

    /// Reads the text behind the counts; parts that are not told stay nil.
    public init(_ text: String, layout: Layout = .fields) {
        let fields = Fields(text)
        guard let first = fields.ranges.first else { return }
        if layout == .actionsOnly {
            actions = fields.names(0..<fields.bytes.count)
            return
        }
        if fields.ranges.count == 1, let parts = fields.squeezed(first, mustSplit: layout == .squeezed) {
            takeChip(parts.chip, fields)
            if let source = parts.source { take(source, fields) }
            actions = fields.names(parts.actions)
            return
        }
        var next = 1
        if let source = fields.source(atEndOf: first) {
            chip = fields.string(first.lowerBound..<source.lowerBound - 1)
            take(source, fields)
        } else if fields.ranges.count > 1, fields.isSource(fields.ranges[1]) {
            chip = fields.string(first)
            take(fields.ranges[1], fields)
            next = 2
        } else {
            takeChip(first, fields)
        }
        if next < fields.ranges.count, let flow = fields.flow(fields.ranges[next]) {
            takeFlow(flow, fields)
            next += 1
        }
        if next < fields.ranges.count {
            actions = fields.names(fields.ranges[next].lowerBound..<fields.bytes.count)
        }
    }

    /// `27 Level`, `1-edge`, `7`, `Level`.
    private mutating func take(_ source: Range<Int>, _ fields: borrowing Fields) {
        fields.forEachWord(source) { word in
            if fields.has("Level", at: word) || fields.has("Edge", at: word) {
                trigger = fields.has("Level", at: word) ? "level" : "edge"
                return
            }
            if fields.has("oob", at: word) { return }
            let digitCount = fields.digitCount(word)
            if let number = fields.number(word.lowerBound..<word.lowerBound + digitCount) { hwirq = number }
            let hyphen = fields.isOutOfBand(word) ? word.lowerBound + 3 : word.lowerBound + digitCount
            takeFlow(min(hyphen + 1, word.upperBound)..<word.upperBound, fields)
        }
    }

    /// The flow handler's name behind a hyphen. On x86 `fasteoi` is what level-triggered lines of an
    /// I/O APIC get (arch/x86/kernel/apic/io_apic.c `mp_register_handler`).
    private mutating func takeFlow(_ flow: Range<Int>, _ fields: borrowing Fields) {
        if !flow.isEmpty { self.flow = fields.string(flow) }
        if fields.has("edge", at: flow) { trigger = "edge" }
        if fields.has("level", at: flow) { trigger = "level" }
        if fields.has("fasteoi", at: flow), chip?.holds("IO-APIC") == true { trigger = "level" }
    }

    fileprivate static let flowsBehindChips: [ShortWord] = ["edge", "level", "fasteoi", "event"]

    /// Older kernels print no hwirq and put the flow handler's name behind the chip's.
    private mutating func takeChip(_ field: Range<Int>, _ fields: borrowing Fields) {
        for flow in Self.flowsBehindChips {
            let start = field.upperBound - flow.count
            guard start > field.lowerBound, fields.bytes[start - 1] == ASCII.hyphen,
                fields.has(flow, at: start..<field.upperBound)
            else { continue }
            chip = fields.string(field.lowerBound..<start - 1)
            takeFlow(start..<field.upperBound, fields)
            return
        }
        chip = fields.string(field)
    }
}

/// The parts of such a text between runs of two blanks and more, in memory of its own: with a single blank between all
/// words, and one between the parts.
private struct Fields {
    private(set) var bytes: [UInt8] = []
    private(set) var ranges: [Range<Int>] = []

    init(_ text: String) {
        let text = text.utf8Span.span
        bytes.reserveCapacity(text.count)
        var blanks = 0
        var start = 0
        for index in text.indices {
            let byte = text[index]
            if ASCII.isBlank(byte) {
                blanks += byte == ASCII.tab ? 2 : 1
                continue
            }
            if blanks > 0, !bytes.isEmpty {
                if blanks > 1 {
                    ranges.append(start..<bytes.count)
                    start = bytes.count + 1
                }
                bytes.append(ASCII.blank)
            }
            blanks = 0
            bytes.append(byte)
        }
        if start < bytes.count { ranges.append(start..<bytes.count) }
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    /// True if a range is this word.
    func has(_ word: ShortWord, at range: Range<Int>) -> Bool {
        guard range.count == word.count else { return false }
        var rest = word.bytes
        for index in range {
            if bytes[index] != UInt8(truncatingIfNeeded: rest) { return false }
            rest >>= 8
        }
        return true
    }

    func forEachWord(_ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        var start = range.lowerBound
        for index in range where bytes[index] == ASCII.blank {
            body(start..<index)
            start = index + 1
        }
        body(start..<range.upperBound)
    }

    func digitCount(_ range: Range<Int>) -> Int { bytes[range].prefix { ASCII.digit($0) < 10 }.count }

    /// A number; nil without a digit or beyond 64 bits.
    func number(_ range: Range<Int>) -> UInt64? { UInt64(string(range)) }

    /// `27 Level`, `1-edge`, `7`, `Level`.
    func isSource(_ field: Range<Int>) -> Bool {
        var words: (Range<Int>, Range<Int>)?
        var wordCount = 0
        forEachWord(field) { word in
            wordCount += 1
            words = (words?.0 ?? word, word)
        }
        guard let (first, last) = words, wordCount <= 2 else { return false }
        let isTrigger = has("Level", at: last) || has("Edge", at: last)
        if wordCount == 2, !isTrigger, !has("oob", at: last), !isOutOfBand(last) { return false }
        if wordCount == 1, isTrigger { return true }
        let count = digitCount(first)
        return count > 0 && (count == first.count || bytes[first.lowerBound + count] == ASCII.hyphen)
    }

    /// True for `oob-edge`.
    func isOutOfBand(_ word: Range<Int>) -> Bool {
        word.count > 4 && has("oob", at: word.lowerBound..<word.lowerBound + 3)
            && bytes[word.lowerBound + 3] == ASCII.hyphen
    }

    /// The parts of a text whose blanks were squeezed: `PCIe MSI 0 Edge PCIe PME, aerdrv`, `IR-PCI-MSI-edge eth0-TxRx-0`.
    ///
    /// - Parameter mustSplit: whether the first word is the chip where nothing else tells; else nil is returned then.
    func squeezed(_ field: Range<Int>, mustSplit: Bool) -> (chip: Range<Int>, source: Range<Int>?, actions: Range<Int>)?
    {
        var words: [Range<Int>] = []
        forEachWord(field) { words.append($0) }
        guard words.count > 1 else { return nil }
        // A number and what belongs to it, with words before and behind: the longer form first.
        for start in 1..<words.count {
            for count in [2, 1] where start + count < words.count {
                let source = words[start].lowerBound..<words[start + count - 1].upperBound
                guard digitCount(words[start]) > 0, isSource(source) else { continue }
                var actions = start + count
                // `0 -edge xhci_hcd`: the flow stands for itself.
                var end = source.upperBound
                if actions < words.count, flow(words[actions]) != nil {
                    end = words[actions].upperBound
                    actions += 1
                }
                let first = actions < words.count ? words[actions].lowerBound : field.upperBound
                return (
                    field.lowerBound..<words[start - 1].upperBound, source.lowerBound..<end, first..<field.upperBound
                )
            }
        }
        guard source(atEndOf: field) == nil, mustSplit || hasFlowBehindChip(words[0]) else { return nil }
        if words.count > 1, flow(words[1]) != nil {
            let first = words.count > 2 ? words[2].lowerBound : field.upperBound
            return (words[0], words[1], first..<field.upperBound)
        }
        return (words[0], nil, words[1].lowerBound..<field.upperBound)
    }

    /// True for `IR-PCI-MSI-edge` and the like.
    private func hasFlowBehindChip(_ word: Range<Int>) -> Bool {
        for flow in DescriptorText.flowsBehindChips {
            let start = word.upperBound - flow.count
            if start > word.lowerBound + 1, bytes[start - 1] == ASCII.hyphen, has(flow, at: start..<word.upperBound) {
                return true
            }
        }
        return false
    }

    /// The hwirq and what belongs to it at the end of `PCI-MSI 98304-edge`; nil if there is none.
    func source(atEndOf field: Range<Int>) -> Range<Int>? {
        var starts: [Int] = []
        forEachWord(field) { starts.append($0.lowerBound) }
        for count in [2, 1] where starts.count > count {
            let source = starts[starts.count - count]..<field.upperBound
            if isSource(source) { return source }
        }
        return nil
    }

    /// The text that follows the hyphen of `-event`; nil if it is none.
    func flow(_ field: Range<Int>) -> Range<Int>? {
        guard bytes[field.lowerBound] == ASCII.hyphen, field.count > 1, !bytes[field].contains(ASCII.blank) else {
            return nil
        }
        return field.lowerBound + 1..<field.upperBound
    }

    /// Names with a comma and a blank between them: a comma alone may be part of a name.
    func names(_ range: Range<Int>) -> [String] {
        var names: [String] = []
        var start = range.lowerBound
        func add(_ last: Int) {
            var end = last
            while end > start, bytes[end - 1] == ASCII.blank { end -= 1 }
            if start < end { names.append(string(start..<end)) }
        }
        for index in range where index + 1 < range.upperBound {
            guard index >= start, bytes[index] == ASCII.comma, bytes[index + 1] == ASCII.blank else { continue }
            add(index)
            start = index + 2
        }
        add(range.upperBound)
        return names
    }
}

extension ShortWord {
    /// The number of characters it has.
    fileprivate var count: Int { 8 - bytes.leadingZeroBitCount / 8 }
}

extension String {
    /// True if `part`, plain ASCII, stands somewhere in it. `contains` of the standard library prepares a search for
    /// each call, which took half of the time of a list of a million rows.
    func holds(_ part: StaticString) -> Bool {
        let bytes = utf8Span.span
        let count = part.utf8CodeUnitCount
        var start = 0
        while start &+ count <= bytes.count {
            var index = 0
            // Inside: below its length.
            while index < count, bytes[start &+ index] == (unsafe part.utf8Start[index]) { index &+= 1 }
            if index == count { return true }
            start &+= 1
        }
        return false
    }
}
