internal import Glibc
internal import IRQCore
internal import KernelSource

/// The live trace of a run of `top`: on, off, or not to be had, which is then told in one line.
struct TopTrace: ~Copyable {
    private let plan: TopPlan
    /// True if the trace follows interrupts to tasks.
    private(set) var isDeep = false
    private var trace: LiveTrace?
    /// The descriptors that become readable when a buffer is half full.
    private(set) var descriptors: [Int32] = []

    init(_ plan: TopPlan) { self.plan = plan }

    /// True if a trace is on.
    var isOn: Bool { !descriptors.isEmpty }

    /// Starts to trace; if that cannot be, `live` says why.
    ///
    /// - Parameter isDeep: true to follow interrupts to tasks.
    mutating func start(isDeep: Bool, into live: Box) {
        guard let trace = plan.trace(isDeep: isDeep) else {
            live.changeTracing { $0.stop(reason: "a saved copy has no events") }
            return
        }
        do throws(TraceError) {
            self.trace = try LiveTrace(plan: trace, tracingRoot: plan.tracingRoot, into: live)
            descriptors = self.trace?.descriptors ?? []
            self.isDeep = isDeep
        } catch {
            live.changeTracing { $0.stop(reason: error.description) }
        }
    }

    /// Stops, and removes all that the trace needed of the kernel.
    ///
    /// - Parameter isWish: whether somebody wanted it so.
    mutating func stop(_ reason: String, isWish: Bool = false, into live: Box) {
        trace = nil
        (descriptors, isDeep) = ([], false)
        live.changeTracing { $0.stop(reason: reason, isWish: isWish) }
    }

    /// A CPU that was never online has no buffer, and waiting for it is an error at once (poll(2)): it is passed over
    /// until the next interval. What it holds one day is read with the others.
    static func passOverErrors(_ descriptors: inout [pollfd], from first: Int) {
        for index in first..<descriptors.count {
            let events = descriptors[index].revents
            if events != 0, descriptors[index].fd >= 0, events & Int16(POLLIN) == 0 {
                descriptors[index].fd = ~descriptors[index].fd  // negative: poll(2) passes over it
            }
        }
    }

    /// Waits again for what was passed over.
    static func lookAgain(_ descriptors: inout [pollfd], from first: Int) {
        for index in first..<descriptors.count where descriptors[index].fd < 0 {
            descriptors[index].fd = ~descriptors[index].fd
        }
    }

    /// Reads what is there.
    mutating func drain(into live: Box) {
        do throws(TraceError) {
            try trace?.drain(into: live)
        } catch {
            stop(error.description, into: live)
        }
    }

    /// Reads what is there and ends the interval.
    mutating func endInterval(into live: Box) {
        do throws(TraceError) {
            try trace?.endInterval(into: live)
        } catch {
            stop(error.description, into: live)
        }
    }
}
