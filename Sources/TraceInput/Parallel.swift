internal import Glibc

/// Loops whose turns run on all cores.
enum Parallel {
    /// As long as `next` says so, calls `turn` with 0 ..< `count`, at the same time where there are cores, and waits
    /// until all are done. `next` runs alone. The turns must not touch the same state; `FixedSlots` gives each its own.
    ///
    /// The threads are made once and sleep between rounds: a round allocates nothing, so that a long recording
    /// takes no more allocations than a short one.
    static func rounds(count: Int, while next: () -> Bool, _ turn: (Int) -> Void) {
        if count == 1 {
            while next() { turn(0) }
            return
        }
        // The check that `turn` has not escaped keeps the length of this file's path: builds in two directories would
        // differ by it, so a short name stands for it.
        #sourceLocation(file:"Parallel",line:18)
        withoutActuallyEscaping(turn) { turn in
            // The worker threads have ended before this call returns, so none uses the pointer later.
            nonisolated(unsafe) let work = turn
            let workers = WorkerThreads(count: count - 1) { unsafe work($0 + 1) }
            while next() {
                workers.start()
                turn(0)
                // Turns for which the system had no thread.
                for index in workers.count + 1..<count { turn(index) }
                workers.wait()
            }
            workers.end()
        }
        #sourceLocation()
    }
}

/// Threads that each do the same again and again, when told to.
@safe
private final class WorkerThreads: @unchecked Sendable {
    private let work: @Sendable (Int) -> Void
    /// Two for each thread: what it waits for, and what says that it is done.
    private let semaphores: UnsafeMutablePointer<sem_t>
    private let threads: UnsafeMutablePointer<pthread_t>
    /// The number of threads: at most as many as were wanted.
    private(set) var count = 0
    /// Written before threads are woken, read by them afterwards: the semaphores order that.
    private var isOver = false

    /// Makes up to `count` threads, which sleep; `work` gets the number of its thread.
    init(count wanted: Int, work: @escaping @Sendable (Int) -> Void) {
        self.work = work
        unsafe semaphores = .allocate(capacity: 2 * wanted)
        unsafe threads = .allocate(capacity: wanted)
        while count < wanted, startThread() { count += 1 }
    }

    deinit {
        unsafe semaphores.deallocate()
        unsafe threads.deallocate()
    }

    /// Wakes all threads.
    func start() {
        for index in 0..<count { unsafe sem_post(semaphores + 2 * index) }
    }

    /// Waits until all threads are done.
    func wait() {
        for index in 0..<count { unsafe Self.wait(for: semaphores + 2 * index + 1) }
    }

    /// Ends all threads; they must be asleep.
    func end() {
        isOver = true
        start()
        for index in 0..<count {
            unsafe pthread_join(threads[index], nil)
            unsafe sem_destroy(semaphores + 2 * index)
            unsafe sem_destroy(semaphores + 2 * index + 1)
        }
        count = 0
    }

    /// Makes the thread number `count`; false if the system will not.
    private func startThread() -> Bool {
        // Inside: there are `wanted` of each, and `count` is below.
        unsafe sem_init(semaphores + 2 * count, 0, 0)
        unsafe sem_init(semaphores + 2 * count + 1, 0, 0)
        let place = unsafe Unmanaged.passRetained(Place(workers: self, index: count))
        let status = unsafe pthread_create(threads + count, nil, threadMain, place.toOpaque())
        if status != 0 { unsafe place.release() }
        return status == 0
    }

    /// The life of a thread.
    fileprivate func run(_ index: Int) {
        while true {
            unsafe Self.wait(for: semaphores + 2 * index)
            if isOver { return }
            work(index)
            unsafe sem_post(semaphores + 2 * index + 1)
        }
    }

    private static func wait(for semaphore: UnsafeMutablePointer<sem_t>) {
        // A signal may end the wait early.
        while unsafe sem_wait(semaphore) != 0 {}
    }

    /// A thread's place among the workers.
    fileprivate final class Place {
        let workers: WorkerThreads
        let index: Int

        init(workers: WorkerThreads, index: Int) {
            self.workers = workers
            self.index = index
        }
    }
}

/// The function that a worker thread begins with; its argument is its place, retained.
private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    // As `startThread` passed it, and nobody else takes it.
    let place = unsafe Unmanaged<WorkerThreads.Place>.fromOpaque(argument).takeRetainedValue()
    place.workers.run(place.index)
    return nil
}
