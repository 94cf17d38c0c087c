/// The meaning of an event for the analysis; `EventCatalogue` says which event of the kernel has it.
public enum EventKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    case irqEntry = 1, irqExit
    case softirqRaise, softirqEntry, softirqExit
    case vectorEntry, vectorExit
    case workQueue, workStart, workEnd
    case taskletEntry, taskletExit
    // From here on: read by the deep analysis only.
    case schedSwitch, schedWaking, schedWakeup, schedMigrate
    case napiPoll
    case ipiSendCPU, ipiSendMask, ipiRaise
    case csdQueue, csdEntry, csdExit
    case timerEntry, timerExit, hrtimerStart, hrtimerEntry, hrtimerExit
    case pageFaultUser, pageFaultKernel
    /// An event of which only the time, the CPU and the task matter.
    case other

    /// True if the event is one of a work item.
    @inline(__always) public var isWork: Bool { self == .workQueue || self == .workStart || self == .workEnd }

    /// True if the event may come between the exit of a handler and the wake-up of its thread.
    @inline(always)
    var isBetweenExitAndThread: Bool {
        switch self {
        case .schedWaking, .schedWakeup, .schedMigrate, .ipiSendCPU: true
        default: false
        }
    }

    /// True if it is one of the scheduler's, without which there is no deep analysis.
    public var isScheduler: Bool { self == .schedSwitch || self == .schedWaking || self == .schedWakeup }

    /// True if the event has a meaning for the deep analysis alone.
    @inline(__always) public var isDeepOnly: Bool { rawValue >= EventKind.schedSwitch.rawValue }
}

/// One event: a time, a task, some numbers and a text, whose meaning follows from its kind.
///
/// | kind | number 0 | number 1 | text |
/// |---|---|---|---|
/// | irqEntry | `irq` | | the action's name |
/// | irqExit | `irq` | `handlerResult`; number 2: `isResultWord` | |
/// | softirqRaise, softirqEntry, softirqExit | `softirqVector` | | |
/// | vectorEntry, vectorExit | `vectorIndex` | | |
/// | workQueue, workStart | `work` | `function` | |
/// | workEnd | `work` | | |
/// | taskletEntry, taskletExit | the tasklet's address | `function` | |
/// | schedSwitch | next task | state of the one before; number 2: priority | next task's name; second: that of the one before |
/// | schedWaking, schedWakeup | task | CPU | its name |
/// | napiPoll | packets | budget | device |
/// | ipiSendCPU, ipiSendMask | calling place | `function` | |
/// | ipiRaise | address of a text | | |
/// | csdQueue, csdEntry | call's address | `function` | |
/// | timerEntry, timerExit, hrtimerExit | timer's address | `function` | |
/// | hrtimerStart, hrtimerEntry | timer's address | `function`; number 2: earliest expiry, or the timer's clock | |
public struct TraceEvent: Sendable, BitwiseCopyable {
    /// Nanoseconds of the trace clock.
    public internal(set) var time: UInt64
    /// The numbers, by place; what has no meaning for the kind is 0.
    let number0: UInt64
    let number1: UInt64
    let number2: UInt64
    let number3: UInt64
    /// The place where the event's text begins in the bytes that come with it.
    public let textOffset: Int32
    /// The length of the event's text, its end mark not counted.
    public let textByteCount: Int32
    /// The task that was interrupted or ran the work (common_pid); 0 is an idle task.
    public let pid: Int32
    /// The event's common_flags: bits of TRACE_FLAG_* (include/linux/trace_events.h); 0 if the source has none.
    public let flags: UInt8
    /// The event's common_preempt_count: how deeply preemption was disabled in the low 4 bits; 0 if the source has none.
    public let preemptCount: UInt8
    /// The kind of event.
    public let kind: EventKind

    /// Creates an event; see the properties.
    @inline(__always)
    public init(
        _ kind: EventKind, time: UInt64, pid: Int32, numbers: (UInt64, UInt64, UInt64, UInt64),
        textOffset: Int32 = 0, textByteCount: Int32 = 0, flags: UInt8 = 0, preemptCount: UInt8 = 0
    ) {
        self.kind = kind
        self.time = time
        self.pid = pid
        (number0, number1, number2, number3) = numbers
        self.textOffset = textOffset
        self.textByteCount = textByteCount
        self.flags = flags
        self.preemptCount = preemptCount
    }

    /// Creates an event whose numbers and text come from elsewhere than pages.
    ///
    /// - Parameters:
    ///   - numbers: at most four, in the order of the catalogue's fields.
    ///   - textByteCount: the length of the text that is handed over with the event, from its first byte on.
    public init(
        _ kind: EventKind, time: UInt64, pid: Int32 = 0, numbers: [UInt64], textByteCount: Int = 0, flags: UInt8 = 0,
        preemptCount: UInt8 = 0
    ) {
        precondition(numbers.count <= TraceEvent.numberLimit)
        func number(_ place: Int) -> UInt64 { place < numbers.count ? numbers[place] : 0 }
        self.init(
            kind, time: time, pid: pid, numbers: (number(0), number(1), number(2), number(3)),
            textByteCount: Int32(truncatingIfNeeded: textByteCount), flags: flags, preemptCount: preemptCount)
    }

    /// The same event with a second text, in the bytes that come with it; takes the place of the fourth number.
    @inline(__always)
    public func withSecondText(at offset: Int, byteCount: Int) -> TraceEvent {
        let place = UInt64(UInt32(truncatingIfNeeded: offset)) << 32 | UInt64(UInt32(truncatingIfNeeded: byteCount))
        return TraceEvent(
            kind, time: time, pid: pid, numbers: (number0, number1, number2, place), textOffset: textOffset,
            textByteCount: textByteCount, flags: flags, preemptCount: preemptCount)
    }

    /// The place of the second text of an event that has one.
    @inline(__always) public var secondText: (offset: Int, byteCount: Int) {
        (Int(number3 >> 32), Int(number3 & 0xFFFF_FFFF))
    }

    /// The most numbers that an event has.
    public static let numberLimit = 4

    /// The interrupt's number, its sign extended to 64 bits.
    @inline(__always) public var irq: UInt64 { number0 }
    /// The handler's return value: bit 0 handled, bit 1 thread woken (enum irqreturn, include/linux/irqreturn.h).
    @inline(__always) public var handlerResult: UInt64 { number1 }
    /// True if a handler's result was told as a word: "handled" may mean that it handled the interrupt, woke its thread, or both.
    @inline(always) var isResultWord: Bool { number2 != 0 }
    /// The softirq's number.
    @inline(__always) public var softirqVector: UInt64 { number0 }
    /// The place of an x86 vector's name in `EventFormats.vectorNames`.
    @inline(__always) public var vectorIndex: UInt64 { number0 }
    /// The address of a work item.
    @inline(__always) public var work: UInt64 { number0 }
    /// The address of the function that a work item or a tasklet calls.
    @inline(__always) public var function: UInt64 { number1 }
}
