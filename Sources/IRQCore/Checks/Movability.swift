extension InterruptDetails {
    /// True if each interrupt is a message, which goes to one CPU of its mask however many there are: one such line alone is
    /// in its place there.
    var isMessage: Bool { delivery == .msiX || delivery == .msi || delivery == .lpi }

    /// True if the kernel alone chooses the CPUs of the line (a managed interrupt), or most likely does.
    ///
    /// Since Linux 6.12 its mask cannot be written, which the file's mode tells. Older kernels say 0644 of all lines: there
    /// the names of queues tell for which drivers ask for such interrupts (PCI_IRQ_AFFINITY).
    var isManaged: Bool {
        guard isMessage else { return false }
        return isUserSettable == false || (actions ?? []).contains { Self.isManagedQueue($0) }
    }

    /// The same where it is known: nil if neither a name nor the mode of the mask's file tells. Many drivers of disks ask
    /// for such interrupts and give them other names than those that are known here.
    var isKnownManaged: Bool? {
        if isManaged || isSpread == true { return true }
        // Drivers ask for it where each queue has a message of its own.
        if delivery != nil, !isMessage { return false }
        return isSpread == false || (isModeTold && isUserSettable == true) ? false : nil
    }

    /// False if nobody can set the line's mask: its place is nobody's mistake.
    var canBeMoved: Bool { isUserSettable != false && !isManaged }

    /// True for queues of nvme, virtio-blk and virtio-scsi: the first interrupt of nvme is not managed, and `config` and
    /// `control` of virtio are not.
    private static func isManagedQueue(_ action: String) -> Bool {
        if action.hasPrefix("nvme") {
            let rest = action.dropFirst(4).drop { ("0"..."9").contains($0) }
            return rest.hasPrefix("q") && !rest.dropFirst().isEmpty && rest != "q0"
                && rest.dropFirst().allSatisfy { ("0"..."9").contains($0) }
        }
        guard action.hasPrefix("virtio") else { return false }
        let rest = action.dropFirst(6).drop { ("0"..."9").contains($0) }
        return rest.hasPrefix("-req.") || rest == "-request"
    }
}
