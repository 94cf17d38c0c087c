/// The lines whose masks `irqscope affinity apply` wrote on this box, since it booted.
public struct AppliedLines: Sendable {
    /// The interrupts.
    public var lines: Set<Int>
    /// The time of it, for sentences: `11-25 14:02`; "" if unknown.
    public var time: String

    /// Creates lines.
    public init(lines: Set<Int>, time: String = "") { (self.lines, self.time) = (lines, time) }
}

extension AppliedLines {
    /// The file of the state of `affinity`, unless another one is named.
    public static let path = "var/lib/irqscope/affinity.state"

    /// The lines of the state that `affinity apply` left on the running box; nil if there is none of this boot.
    public init?(_ files: any KernelFiles) {
        guard case .bytes(let bytes) = files.read(Self.path), let state = try? AffinityStateFile.decode(bytes),
            let bootID = files.read("proc/sys/kernel/random/boot_id").text, state.bootID == bootID
        else { return nil }
        self.init(lines: Set(state.lines.map(\.identity.irq)))
    }
}
