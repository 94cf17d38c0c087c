/// What the text behind the counts of a numbered row tells (kernel/irq/proc.c `show_interrupts`).
///
/// ```
/// PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0     chip, hwirq-flow, actions
/// GICv3  27 Level     arch_timer                        chip, hwirq, trigger, actions
/// SiFive PLIC   1 Edge      ccache_ecc                  the chip's name may hold a blank
/// IR-IO-APIC-fasteoi   ehci_hcd:usb2                    older x86: chip-flow
/// GIC  s3c2410-wdt                                      no hwirq
/// IO-APIC   27-fasteoi   idma64.0, i2c_designware.0     several actions
/// xen-dyn    -event     xenbus                          no hwirq, but a flow
/// ```
/// Two blanks at least stand before the actions, single ones inside of names.
public struct DescriptorText: Equatable, Sendable {
    /// The interrupt controller's name.
    public var chip: String?
    /// The controller's own number.
    public var hwirq: UInt64?
    /// `edge` or `level`, where told.
    public var trigger: String?
    /// The names that drivers gave.
    public var actions: [String] = []

    /// Reads the text behind the counts; what is not told stays nil.
    public init(_ text: String) {
        let fields = Self.fields(text)
        guard let first = fields.first else { return }
        var rest = fields.dropFirst()
        if let (chip, source) = Self.splitSource(first), !chip.isEmpty {
            self.chip = chip
            take(source)
        } else if let second = rest.first, Self.isSource(second) {
            chip = first
            take(second)
            rest = rest.dropFirst()
        } else {
            chip = first
            takeFlowFromChip()
        }
        if let flow = rest.first, flow.hasPrefix("-"), flow.count > 1, !flow.contains(" ") {
            takeFlow(String(flow.dropFirst()))
            rest = rest.dropFirst()
        }
        // A comma alone may be part of a name.
        actions = rest.joined(separator: " ").split(separator: ", ").map { Self.trimmed($0) }.filter { !$0.isEmpty }
    }

    /// The parts between runs of two blanks and more.
    private static func fields(_ text: String) -> [String] {
        var fields: [String] = []
        var current: [UInt8] = []
        var blanks = 0
        for byte in text.utf8 {
            if ASCII.isBlank(byte) {
                blanks += byte == ASCII.tab ? 2 : 1
                continue
            }
            if blanks > 1, !current.isEmpty {
                fields.append(String(decoding: current, as: UTF8.self))
                current = []
            } else if blanks == 1, !current.isEmpty {
                current.append(ASCII.blank)
            }
            blanks = 0
            current.append(byte)
        }
        if !current.isEmpty { fields.append(String(decoding: current, as: UTF8.self)) }
        return fields
    }

    /// `PCI-MSI 98304-edge` as its chip and the rest; nil if it does not end in a hwirq.
    private static func splitSource(_ field: String) -> (String, String)? {
        let words = field.split(separator: " ")
        for count in [2, 1] where words.count > count {
            let source = words.suffix(count).joined(separator: " ")
            if isSource(source) { return (words.dropLast(count).joined(separator: " "), source) }
        }
        return nil
    }

    /// `27 Level`, `1-edge`, `7`, `Level`.
    private static func isSource(_ field: String) -> Bool {
        let words = field.split(separator: " ")
        guard let first = words.first, words.count <= 2 else { return false }
        if words.count == 2, words[1] != "Level", words[1] != "Edge" { return false }
        if words.count == 1, first == "Level" || first == "Edge" { return true }
        let digits = first.prefix { $0.isASCII && $0.isNumber }
        return !digits.isEmpty && (digits.count == first.count || first.dropFirst(digits.count).first == "-")
    }

    private mutating func take(_ source: String) {
        for word in source.split(separator: " ") {
            if word == "Level" || word == "Edge" {
                trigger = word.lowercased()
                continue
            }
            let digits = word.prefix { $0.isASCII && $0.isNumber }
            if let number = UInt64(digits) { hwirq = number }
            takeFlow(String(word.dropFirst(digits.count + 1)))
        }
    }

    /// The flow handler's name behind a hyphen. On x86 `fasteoi` is what level-triggered lines of an
    /// I/O APIC get (arch/x86/kernel/apic/io_apic.c `mp_register_handler`).
    private mutating func takeFlow(_ flow: String) {
        if flow == "edge" || flow == "level" { trigger = flow }
        if flow == "fasteoi", chip?.holds("IO-APIC") == true { trigger = "level" }
    }

    /// Older kernels print no hwirq and put the flow handler's name behind the chip's.
    private mutating func takeFlowFromChip() {
        guard let name = chip else { return }
        for flow in ["edge", "level", "fasteoi", "event"] where name.hasSuffix("-" + flow) {
            chip = String(name.dropLast(flow.count + 1))
            takeFlow(flow)
            return
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}

extension String {
    /// Whether `part`, plain ASCII, stands somewhere in it. `contains` of the standard library prepares a search for
    /// each call, which took half of the time of a list of a million rows.
    func holds(_ part: StaticString) -> Bool {
        let bytes = Array(utf8)
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
