internal import Glibc

/// The reason for which waiting ended.
public struct TraceWake: Sendable, BitwiseCopyable, Equatable {
    /// CPUs whose buffer is as full as was planned.
    public internal(set) var readyCount = 0
    /// True if the caller's own descriptor has something to read, or was closed at the other end.
    public internal(set) var isOtherReady = false

    /// True if nothing is ready: the time is over, or a signal came.
    public var isTimeout: Bool { readyCount == 0 && !isOtherReady }
}

/// Waits for many CPUs at once, allocating nothing.
///
/// A CPU that was never online since boot has no buffer, and poll(2) says at once that waiting for it is an error:
/// such CPUs are left out, and looked at again every second, for they may come.
@safe
struct BufferPoll: ~Copyable {
    private let base: UnsafeMutablePointer<pollfd>
    private let count: Int
    private var absentCount = 0
    private var lookedNanoseconds: UInt64 = 0
    private static let lookAgainNanoseconds: UInt64 = 1_000_000_000

    init(_ descriptors: [Int32]) {
        count = descriptors.count
        unsafe base = .allocate(capacity: count + 1)
        for (index, descriptor) in descriptors.enumerated() {
            unsafe (base + index).initialize(to: pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0))
        }
        unsafe (base + count).initialize(to: pollfd(fd: -1, events: Int16(POLLIN), revents: 0))
    }

    deinit { unsafe base.deallocate() }

    /// The descriptor at `index`, even if it is left out now.
    func descriptor(_ index: Int) -> Int32 {
        precondition(index >= 0 && index < count)
        let kept = unsafe base[index].fd  // checked above
        return kept >= 0 ? kept : ~kept
    }

    mutating func wait(milliseconds: Int32, also other: Int32) -> TraceWake {
        unsafe base[count].fd = other
        if absentCount > 0 { lookAgain() }
        var wake = poll(milliseconds)
        // Only errors of CPUs without a buffer ended the wait; they are left out from now on.
        if wake.isTimeout, wake.hasErrors { wake = poll(milliseconds) }
        return wake.result
    }

    private struct Outcome {
        var result = TraceWake()
        var hasErrors = false
        var isTimeout: Bool { result.isTimeout }
    }

    private mutating func poll(_ milliseconds: Int32) -> Outcome {
        var outcome = Outcome()
        var left = unsafe Glibc.poll(base, nfds_t(count + 1), milliseconds)
        guard left > 0 else { return outcome }
        for index in 0...count {
            if left == 0 { break }
            let events = unsafe Int32(base[index].revents)
            if events == 0 { continue }
            left -= 1
            if index == count {
                outcome.result.isOtherReady = true
            } else if events & POLLIN != 0 {
                outcome.result.readyCount += 1
            } else {
                // poll(2) passes over negative descriptors; ~ keeps the number.
                unsafe base[index].fd = ~base[index].fd
                absentCount += 1
                outcome.hasErrors = true
            }
        }
        return outcome
    }

    private mutating func lookAgain() {
        let now = KernelClock.monotonic()
        guard now - lookedNanoseconds >= Self.lookAgainNanoseconds else { return }
        lookedNanoseconds = now
        for index in 0..<count where unsafe base[index].fd < 0 { unsafe base[index].fd = ~base[index].fd }
        absentCount = 0
    }
}
