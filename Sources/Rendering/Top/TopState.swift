/// The choices of the person in front of `top`: nothing of it comes from the kernel.
public struct TopState: Sendable, Equatable {
    /// The screens: four tables, a page for a row of each, the plan for an interrupt's device, and the help.
    public enum View: Sendable, Equatable, CaseIterable {
        case interrupts, softirqs, cpus, tasks, detail, plan, softirq, cpu, task, help

        /// True if it is a page of lines, which has no cursor.
        var isPage: Bool { ![.interrupts, .softirqs, .cpus, .tasks].contains(self) }

        /// The table that a page belongs to, or the table itself; nil for the help.
        var table: View? {
            switch self {
            case .interrupts, .detail, .plan: .interrupts
            case .softirqs, .softirq: .softirqs
            case .cpus, .cpu: .cpus
            case .tasks, .task: .tasks
            case .help: nil
            }
        }
    }

    /// The things that can be typed at the foot.
    public enum Prompt: Sendable, Equatable {
        /// The filter of interrupts, softirqs or tasks, and the number of a CPU.
        case filter, cpu
    }

    /// The screen that is shown.
    public var view = View.interrupts
    /// The screen to go back to from help.
    public var earlierView = View.interrupts
    /// The orders of the tables, and of what one CPU serves.
    public var interruptOrder = SortOrder(.rate)
    /// The order of softirqs.
    public var softirqOrder = SortOrder(.irq)
    /// The order of CPUs.
    public var cpuOrder = SortOrder(.irq)
    /// The order of tasks.
    public var taskOrder = SortOrder(.max)
    /// The order of what one CPU serves.
    public var servedOrder = SortOrder(.rate)
    /// Interrupts must contain this text; empty for all.
    public var filter = ""
    /// Softirqs must contain this text; empty for all.
    public var softirqFilter = ""
    /// Tasks must contain this text; empty for all.
    public var taskFilter = ""
    /// The number of a CPU as far as it is typed.
    public var cpuText = ""
    /// The thing that keys are typed into; nil if keys are commands.
    public var prompt: Prompt?
    /// True if rows that did not come in the last interval are left out.
    public var hidesIdle = false
    /// True if the numbers stand still.
    public var isFrozen = false
    /// True if handler times are wanted.
    public var isTracing = true
    /// True if interrupts are to be followed to the tasks that they wake and delay.
    public var isDeep = false
    /// True once the longest times are to be forgotten; whoever does that takes it back.
    public var isForgetting = false
    /// True if notes on what the kernel does not tell are left out.
    public var hidesNotes = false
    /// True if CPUs share cells of the strip where there are more than fit.
    public var isFolded = true
    /// The first CPU column of an unfolded strip.
    public var firstColumn = 0
    /// Between samples, in nanoseconds.
    public var intervalNanoseconds: UInt64 = 1_000_000_000
    /// The place of the cursor among the rows that are shown.
    public var cursor = 0
    /// The first row on the screen.
    public var firstRow = 0
    /// The row under the cursor (`TopScreen.serial`), once it was moved: the cursor then follows it.
    public var followed: UInt32?
    /// The interrupt of the detail screen (`RowInterval.serial`).
    public var detailSerial: UInt32 = 0
    /// The interrupt for whose device there is a plan (`RowInterval.serial`).
    public var planSerial: UInt32 = 0
    /// The screen to go back to from the plan.
    public var viewBelowPlan = View.interrupts
    /// True once a plan is to be made; whoever does that takes it back.
    public var isPlanning = false
    /// The row of the softirq's screen.
    public var softirqRow: UInt32 = 0
    /// The number of the CPU's screen.
    public var cpu: UInt32 = 0
    /// The number of the task's screen.
    public var task: UInt32 = 0
    /// The first line of a screen that is longer than the terminal.
    public var firstLine = 0
    /// True if a row is under the cursor: not in batch output.
    public var showsCursor = true
    /// True if the person wants to leave.
    public var isDone = false

    /// Creates the state at the start.
    public init() {}

    /// True if keys go to the foot.
    public var isTyping: Bool { prompt != nil }

    /// The filter of the view that is shown; empty where there is none.
    public var shownFilter: String {
        switch view.table {
        case .interrupts: filter
        case .softirqs: softirqFilter
        case .tasks: taskFilter
        default: ""
        }
    }

    /// The shortest interval, in nanoseconds.
    public static let shortestInterval: UInt64 = 100_000_000
    /// The longest interval that keys reach, in nanoseconds.
    public static let longestInterval: UInt64 = 60_000_000_000
}
