/// The aim of a plan.
public enum AffinityGoal: String, CaseIterable, Sendable {
    /// Each queue and each busy line on a CPU of its own, as far as there are any.
    case spread
    /// The same on the CPUs of each device's memory node.
    case numa
    /// Nothing on the CPUs that were set aside.
    case isolate
}

/// The masks and files that would be written for a goal, and what stays as it is: a dry run.
///
/// It is a value: the same box and wishes give the same plan.
public struct AffinityPlan: Sendable {
    /// The aim.
    public var goal: AffinityGoal
    /// The devices that it was asked for, as they were named; empty for all.
    public var devices: [String] = []
    /// The CPUs that may get interrupts.
    public var allowed: CPUSet
    /// The lines that get another mask, in the order in which they are written.
    public var lines: [PlannedLine] = []
    /// The lines that stay as they are.
    public var leftAlone: [LeftLine] = []
    /// Other files that are written, behind the lines.
    public var files: [PlannedFile] = []
    /// The devices with queues that it is about.
    public var groups: [PlannedGroup] = []
    /// The rates of interrupts on CPUs, before and expected after; those with none at either time are left
    /// out, and all where rates are unknown.
    public var shares: [PlannedShare] = []
    /// Commands that would make a better plan possible, and are never run by `apply`.
    public var proposals: [AffinityProposal] = []
    /// Sentences about what the plan cannot do, or what will undo it.
    public var notes: [String] = []
    /// The reasons for which it must not be applied without being forced.
    public var refusals: [String] = []

    /// Creates an empty plan.
    public init(goal: AffinityGoal, allowed: CPUSet) { (self.goal, self.allowed) = (goal, allowed) }

    /// True if everything is as it should be.
    public var isEmpty: Bool { lines.isEmpty && files.isEmpty }

    /// The writes, in their order.
    public var writes: [PlannedWrite] {
        lines.flatMap { line in line.values.map { PlannedWrite(path: line.path, value: $0) } }
            + files.map { PlannedWrite(path: $0.path, value: $0.value) }
    }
}

/// One write of a text into a file.
public struct PlannedWrite: Equatable, Sendable {
    /// The file, without a `/` in front.
    public var path: String
    /// The text.
    public var value: String

    /// Creates a write.
    public init(path: String, value: String) { (self.path, self.value) = (path, value) }
}

/// A line that gets another mask.
public struct PlannedLine: Equatable, Sendable {
    /// The line as it was when the plan was made.
    public var identity: LineIdentity
    /// The device that it belongs to; nil if unknown.
    public var device: String?
    /// The mask that it has.
    public var mask: CPUSet
    /// The CPUs that its controller has; nil if unknown.
    public var effective: CPUSet?
    /// A CPU that is written alone before the mask: a mask that still holds the present CPU would move nothing, and one that
    /// does not would let the controller choose.
    public var first: Int?
    /// The mask that it gets.
    public var new: CPUSet
    /// The reason.
    public var reason: String
    /// True if the controller moves it at once, false if it moves with its next interrupt.
    public var movesAtOnce: Bool
    /// The rate, per second; nil if unknown.
    public var perSecond: Double?

    /// Creates a line of a plan.
    public init(
        identity: LineIdentity, device: String?, mask: CPUSet, effective: CPUSet?, first: Int? = nil, new: CPUSet,
        reason: String, movesAtOnce: Bool, perSecond: Double?
    ) {
        (self.identity, self.device, self.mask, self.effective) = (identity, device, mask, effective)
        (self.first, self.new, self.reason) = (first, new, reason)
        (self.movesAtOnce, self.perSecond) = (movesAtOnce, perSecond)
    }

    /// The number of the interrupt.
    public var irq: Int { identity.irq }
    /// The file of its mask, in the form that needs no width and no commas.
    public var path: String { "proc/irq/\(identity.irq)/smp_affinity_list" }
    /// The texts that are written into it.
    public var values: [String] { (first.map { ["\($0)"] } ?? []) + [new.list] }
    /// True if it is served by a CPU that it may stay on.
    public var stays: Bool {
        guard let effective, !effective.isEmpty else { return false }
        return effective.isSubset(of: new) && (first.map { effective.contains($0) } ?? true)
    }
}

/// A line that stays as it is.
public struct LeftLine: Equatable, Sendable {
    /// The number of the interrupt.
    public var irq: Int
    /// The names of its handlers.
    public var action: String
    /// The device that it belongs to; nil if unknown.
    public var device: String?
    /// The mask that it has; nil if unknown.
    public var mask: CPUSet?
    /// The CPUs that its controller has; nil if unknown.
    public var effective: CPUSet?
    /// The reason.
    public var reason: String
    /// The rate, per second; nil if unknown.
    public var perSecond: Double?
}

/// Another file that a plan writes: the default for new lines, or the CPUs of a queue.
public struct PlannedFile: Equatable, Sendable {
    /// The file, without a `/` in front.
    public var path: String
    /// The text that it has, without the end of line.
    public var old: String
    /// The text that it gets.
    public var value: String
    /// The reason.
    public var reason: String

    /// Creates a file of a plan.
    public init(path: String, old: String, value: String, reason: String) {
        (self.path, self.old, self.value, self.reason) = (path, old, value, reason)
    }
}

/// A device whose queues are planned.
public struct PlannedGroup: Equatable, Sendable {
    /// The name of its interface, or the device's.
    public var title: String
    /// The PCI address; nil if it has none.
    public var address: String?
    /// The memory node; nil if it has none or that is unknown.
    public var node: Int?
    /// The number of queues.
    public var queueCount: Int
}

/// The rate of interrupts on a CPU.
public struct PlannedShare: Equatable, Sendable {
    /// The CPU.
    public var cpu: Int
    /// Now, per second.
    public var before: Double
    /// If everything comes as before and goes where it was planned, per second.
    public var after: Double
}

/// A command that would make a better plan possible.
public struct AffinityProposal: Equatable, Sendable {
    /// The command.
    public var command: String
    /// The reason.
    public var reason: String
    /// True if it should be run before the plan, which is to be made again then.
    public var isFirst = true
}
