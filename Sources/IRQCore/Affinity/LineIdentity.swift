/// The things by which a line is told from another that got its number later.
///
/// Numbers are used again: a driver that is reloaded, or an interface that goes down and up, may find its queue's number in
/// somebody else's hands. So all of these are compared before a mask is written.
public struct LineIdentity: Equatable, Sendable {
    /// The number of the interrupt.
    public var irq: Int
    /// The controller's name; "" if unknown.
    public var chip: String
    /// The controller's own number, as the kernel prints it; "" if unknown.
    public var hwirq: String
    /// The names of its handlers, with commas; "" for none.
    public var actions: String
    /// The PCI function that raises it; "" if it has none or that is unknown.
    public var address: String

    /// Creates an identity.
    public init(irq: Int, chip: String = "", hwirq: String = "", actions: String = "", address: String = "") {
        (self.irq, self.chip, self.hwirq, self.actions, self.address) = (irq, chip, hwirq, actions, address)
    }

    /// Reads what a line is now.
    ///
    /// - Parameter address: the function that is expected to raise it; "" for none.
    /// - Returns: nil if there is no line of that number.
    public static func read(_ irq: Int, address: String, _ files: any KernelFiles) -> Self? {
        let folder = "sys/kernel/irq/\(irq)"
        var identity = Self(irq: irq)
        if let actions = files.read("\(folder)/actions").text {
            identity.actions = actions
            identity.chip = files.read("\(folder)/chip_name").text ?? ""
            identity.hwirq = files.read("\(folder)/hwirq").text ?? ""
        } else {
            // Kernels without that folder: handlers have a folder each beside the line's files.
            guard let names = files.names("proc/irq/\(irq)") else { return nil }
            identity.actions = names.filter { !ownFiles.contains($0) }.joined(separator: ",")
        }
        // One file for each message of a function; a wired line has none, and its function's address tells nothing more.
        if !address.isEmpty, files.read("sys/bus/pci/devices/\(address)/msi_irqs/\(irq)") != .missing {
            identity.address = address
        }
        return identity
    }

    /// The files of /proc/irq/N (kernel/irq/proc.c).
    private static let ownFiles: Set<String> = [
        "affinity_hint", "effective_affinity", "effective_affinity_list", "node", "smp_affinity", "smp_affinity_list",
        "spurious",
    ]
}
