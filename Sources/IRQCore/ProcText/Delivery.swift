/// The way an interrupt reaches a CPU.
public enum Delivery: String, Sendable, CaseIterable {
    /// A message that a PCI device writes, one of many it may have (MSI-X).
    case msiX = "msi_x"
    /// A message that a device writes.
    case msi
    /// A wire.
    case wired
    /// From one CPU to another.
    case ipi
    /// Each CPU has its own: timers, performance counters, thermal sensors.
    case perCPU = "per_cpu"
    /// ARM GIC: software generated, interrupt ids 0-15.
    case sgi
    /// ARM GIC: private to a CPU, ids 16-31 and 1056-1119.
    case ppi
    /// ARM GIC: shared, ids 32-1019 and 4096-5119.
    case spi
    /// ARM GIC: a message that the ITS translates.
    case lpi
    /// A channel of Xen, from the hypervisor or another guest; no interrupt of the hardware stands behind it.
    case eventChannel = "event_channel"
    /// Raised by the kernel itself (the two domains of Dovetail).
    case synthetic

    /// The delivery of a line with an IRQ number; nil where nothing tells it.
    ///
    /// The chip's name goes first, then what the driver is called: on chips that are a part of the CPU the line's
    /// action tells a timer from a device. Where the box itself tells more, see `refined`.
    ///
    /// - Parameters:
    ///   - irq: the IRQ number; older kernels for ARM print no number of the controller's, for it is the same.
    public init?(_ line: DescriptorText, irq: Int? = nil) {
        guard let chip = line.chip else { return nil }
        let action = line.actions.first ?? ""
        if let known = Self.families.first(where: { $0.matches(chip) }) {
            switch known.meaning {
            case .always(let delivery): self = delivery
            case .gic: self = Self.gic(line.hwirq ?? irq.flatMap { UInt64(exactly: $0) })
            case .xen: self = Self.xen(chip, line.flow)
            case .cpu: self = Self.isIPI(action) || Self.isIPIOfIA64(action) ? .ipi : .perCPU
            case .pinsOfCPU: self = Self.ofPin(action)
            }
        } else {
            // Other controllers lead the clock of the whole machine to a CPU under the name "timer".
            self = action == "timer" ? .wired : Self.ofPin(action)
        }
    }

    /// The delivery by the words of a row of the architecture; nil for rows that count errors.
    public init?(architectureLabel label: String, text: String) {
        if ["ERR", "MIS", "Err", "FIQ"].contains(label) { return nil }
        let isBetweenCPUs = ["RES", "CAL", "TLB"].contains(label) || label.hasPrefix("IPI")
        self = isBetweenCPUs ? .ipi : .perCPU
    }

    /// The delivery of a line that is called wired, by what the box shows of it beside its name.
    ///
    /// The kernel lets nobody move a per-CPU line (`irqd_can_balance` in kernel/irq), and each CPU counts its own. A
    /// managed line or one whose controller cannot move it is not settable either, but then one CPU takes it all.
    ///
    /// - Parameters:
    ///   - isUserSettable: whether its mask may be written.
    ///   - isPerCPU: whether the kernel calls it a per-CPU line (debugfs); nil if that is unknown.
    ///   - isOnAllCPUs: whether each of several CPUs has taken some.
    func refined(isUserSettable: Bool?, isPerCPU: Bool?, isOnAllCPUs: Bool) -> Delivery {
        guard self == .wired, isUserSettable == false else { return self }
        return isPerCPU ?? isOnAllCPUs ? .perCPU : .wired
    }

    /// True if each CPU has its own, so that it cannot be in a wrong place; also where no hardware stands behind it.
    public var isPerCPU: Bool {
        switch self {
        case .ipi, .perCPU, .sgi, .ppi, .synthetic: true
        case .msiX, .msi, .wired, .spi, .lpi, .eventChannel: false
        }
    }

    // MARK: - Controllers

    /// The meaning of a controller's name.
    private enum Meaning {
        case always(Delivery)
        /// ARM GIC: the interrupt's id tells.
        case gic
        /// Xen: the name of the flow tells.
        case xen
        /// All lines are the CPU's own.
        case cpu
        /// The pins of a CPU: timers and IPIs are its own, the rest leads to devices.
        case pinsOfCPU
    }

    /// Chips with names of one kind, and what their lines are.
    private struct Family {
        let part: StaticString
        let position: Position
        let meaning: Meaning

        enum Position { case anywhere, start, end, whole }

        func matches(_ chip: String) -> Bool {
            switch position {
            case .anywhere: chip.holds(part)
            case .start: chip.hasPrefix(part.description)
            case .end: chip.hasSuffix(part.description)
            case .whole: chip == part.description
            }
        }

        init(_ part: StaticString, at position: Position = .anywhere, _ meaning: Meaning) {
            (self.part, self.position, self.meaning) = (part, position, meaning)
        }
    }

    /// The first that fits counts. Sources: the `name` of each `struct irq_chip` below drivers/irqchip,
    /// arch/*/kernel, drivers/xen/events and drivers/pci/msi.
    private static let families: [Family] = [
        Family("ITS", .always(.lpi)),
        Family("xen-", at: .start, .xen),
        Family("SIRQC", at: .whole, .always(.synthetic)), Family("SIPIC", at: .whole, .always(.synthetic)),
        Family("MSIX", .always(.msiX)), Family("MSI-X", .always(.msiX)), Family("msi-x", .always(.msiX)),
        Family("MSI", .always(.msi)), Family("HPET", .always(.msi)), Family("fsl-msi", at: .start, .always(.msi)),
        Family("GICv2m", at: .start, .always(.msi)),
        Family("IPI", .always(.ipi)), Family("-ipi", at: .end, .always(.ipi)),
        Family("MIPS GIC Local", at: .whole, .cpu), Family("MIPS GIC", at: .whole, .pinsOfCPU),
        Family("GIC", at: .start, .gic),
        // RISC-V, LoongArch, ia64, Apple's fast interrupts, the timers that KVM gives to guests.
        Family("RISC-V INTC", at: .whole, .cpu), Family("CPUINTC", at: .whole, .cpu),
        Family("LSAPIC", at: .start, .cpu),
        Family("AIC-FIQ", at: .whole, .cpu), Family("KVM", at: .whole, .cpu),
        Family("bcm2836-timer", at: .whole, .cpu), Family("bcm2836-pmu", at: .whole, .cpu),
        Family("percpu", .cpu), Family("per-cpu", .cpu), Family("per_cpu", .cpu),
        // MIPS; parisc.
        Family("MIPS", at: .whole, .pinsOfCPU), Family("CPU", at: .whole, .pinsOfCPU),
    ]

    /// Ids by Arm's GIC architecture specification (IHI 0069), as drivers/irqchip/irq-gic*.c use them.
    private static func gic(_ id: UInt64?) -> Delivery {
        switch id ?? 32 {
        case 0...15: .sgi
        case 16...31, 1056...1119: .ppi
        case 8192...: .lpi
        default: .spi
        }
    }

    /// Newer kernels have the flow in a field of its own, older ones behind the chip's name (drivers/xen/events).
    private static func xen(_ chip: String, _ flow: String?) -> Delivery {
        let flow = flow ?? ""
        func isFlow(_ name: String) -> Bool { flow == name || chip.hasSuffix("-" + name) }
        if chip.hasPrefix("xen-percpu") { return isFlow("ipi") ? .ipi : .perCPU }
        if chip.hasPrefix("xen-dyn") { return .eventChannel }
        if isFlow("msi-x") { return .msiX }
        return isFlow("msi") ? .msi : .wired
    }

    // MARK: - Actions

    private static func ofPin(_ action: String) -> Delivery {
        if isIPI(action) { return .ipi }
        return isOfCPU(action) ? .perCPU : .wired
    }

    /// True for the names that architectures give to numbered IPIs: `IPI`, `IPI call`, `IPI-1`.
    private static func isIPI(_ action: String) -> Bool {
        action == "IPI" || action.hasPrefix("IPI ") || action.hasPrefix("IPI-")
    }

    /// True for the IPIs of arch/ia64/kernel/irq_ia64.c that have other names.
    private static func isIPIOfIA64(_ action: String) -> Bool { action == "resched" || action == "tlb_flush" }

    /// True for names of the CPU's own timers and counters, which the kernel requests for each CPU.
    private static func isOfCPU(_ action: String) -> Bool {
        action == "timer" || action == "arch_timer" || action == "riscv-timer" || action == "mips_perf_pmu"
            || action.hasPrefix("kvm guest ") || action.holds("per-cpu") || action.holds("per_cpu")
            || action.holds("percpu")
    }
}
