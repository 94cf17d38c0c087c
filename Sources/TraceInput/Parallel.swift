internal import Dispatch

/// A loop whose turns run on all cores.
enum Parallel {
    /// Calls `body` with 0 ..< `count`, at the same time where there are cores, and returns when all are
    /// done. The turns must not touch the same state; `FixedSlots` gives each its own.
    static func forEach(count: Int, _ body: (Int) -> Void) {
        if count == 1 { return body(0) }
        withoutActuallyEscaping(body) { body in
            // concurrentPerform returns only when every turn has: nothing outlives this call.
            nonisolated(unsafe) let work = body
            DispatchQueue.concurrentPerform(iterations: count) { unsafe work($0) }
        }
    }
}
