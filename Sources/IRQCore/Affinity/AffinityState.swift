/// The things that `undo` needs: what was there before, and what was written.
public struct AffinityState: Equatable, Sendable {
    /// The way in which the last run ended, if it ended.
    public enum Phase: String, CaseIterable, Sendable {
        /// Writes are under way, or a run was stopped amid them.
        case applying
        /// All is written.
        case applied
        /// It is being undone, or a run was stopped amid that.
        case undoing
    }

    /// A line's mask.
    public struct Line: Equatable, Sendable {
        /// The line.
        public var identity: LineIdentity
        /// The device that it belongs to; "" if unknown.
        public var device: String
        /// The mask that it had.
        public var oldMask: CPUSet
        /// The CPUs that its controller had; nil if unknown.
        public var oldEffective: CPUSet?
        /// The CPU that was written alone before the mask.
        public var first: Int?
        /// The mask that was written.
        public var new: CPUSet
        /// True if the controller moves it at once.
        public var movesAtOnce: Bool
        /// The masks that earlier runs wrote: one of them is there until the last run, which may be stopped, has written its own.
        public internal(set) var earlier: [CPUSet] = []

        /// Creates the state of a line.
        public init(
            identity: LineIdentity, device: String, oldMask: CPUSet, oldEffective: CPUSet?, first: Int?, new: CPUSet,
            movesAtOnce: Bool
        ) {
            (self.identity, self.device, self.oldMask, self.oldEffective) = (identity, device, oldMask, oldEffective)
            (self.first, self.new, self.movesAtOnce) = (first, new, movesAtOnce)
        }

        /// The masks that it can have while it is being changed or put back.
        func isOurs(_ mask: CPUSet) -> Bool {
            if mask == new || earlier.contains(mask) { return true }
            if let first, mask == CPUSet([first]) { return true }
            return oldEffective.flatMap(\.lowest).map { mask == CPUSet([$0]) } ?? false
        }
    }

    /// Another file.
    public struct File: Equatable, Sendable {
        /// The path, without a `/` in front.
        public var path: String
        /// The text that it had.
        public var old: String
        /// The text that was written.
        public var new: String

        /// The texts that earlier runs wrote, as of a line.
        public internal(set) var earlier: [String] = []

        /// Creates the state of a file.
        public init(path: String, old: String, new: String) { (self.path, self.old, self.new) = (path, old, new) }
    }

    /// The kernel's name for this boot: after another one all masks are new.
    public var bootID: String
    /// The time of the first write, in seconds since 1970.
    public var savedSeconds: UInt64
    /// The aim.
    public var goal: AffinityGoal
    /// The options that belong to the aim, as words of a command line.
    public var options: [String] = []
    /// The way in which the last run ended.
    public var phase: Phase = .applying
    /// The masks of lines, in the order of their writing.
    public var lines: [Line] = []
    /// Other files, in the order of their writing.
    public var files: [File] = []

    /// Creates a state without lines.
    public init(bootID: String, savedSeconds: UInt64, goal: AffinityGoal) {
        (self.bootID, self.savedSeconds, self.goal) = (bootID, savedSeconds, goal)
    }

    /// Adds what a plan is about to write. A line or file that is there already keeps what it had at first: `undo` goes back
    /// to before the first `apply`.
    mutating func add(_ plan: AffinityPlan) {
        for line in plan.lines {
            if let index = lines.firstIndex(where: { $0.identity.irq == line.irq }) {
                if lines[index].identity == line.identity {
                    let first = lines[index].first.map { CPUSet([$0]) }
                    Self.keep([lines[index].new] + (first.map { [$0] } ?? []), in: &lines[index].earlier)
                    (lines[index].first, lines[index].new) = (line.first, line.new)
                    lines[index].movesAtOnce = line.movesAtOnce
                    continue
                }
                lines.remove(at: index)
            }
            lines.append(
                Line(
                    identity: line.identity, device: line.device ?? "", oldMask: line.mask,
                    oldEffective: line.effective, first: line.first, new: line.new, movesAtOnce: line.movesAtOnce))
        }
        for file in plan.files {
            if let index = files.firstIndex(where: { $0.path == file.path }) {
                Self.keep([files[index].new], in: &files[index].earlier)
                files[index].new = file.value
            } else {
                files.append(File(path: file.path, old: file.old, new: file.value))
            }
        }
    }

    /// Earlier values that are kept of a line or file: as many as runs that are stopped one after the other.
    static let earlierLimit = 16

    private static func keep<Value: Equatable>(_ values: [Value], in earlier: inout [Value]) {
        for value in values where !earlier.contains(value) { earlier.append(value) }
        if earlier.count > earlierLimit { earlier.removeFirst(earlier.count - earlierLimit) }
    }
}
