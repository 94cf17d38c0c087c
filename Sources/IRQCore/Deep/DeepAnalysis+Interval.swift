// A live trace asks interval by interval: what was counted is handed out and begins anew, what is open goes on.

extension DeepAnalysis {
    /// More tasks, wake-ups and handlers than this are not followed live: each interval looks through all of them.
    private static let liveLimit = 8192

    /// The name of tasks that no event named.
    private static let unknownText = "<...>"

    /// True if so much was seen that it is better to begin anew than to go on.
    var isCrowded: Bool {
        tasks.count > Self.liveLimit || wakes.count > Self.liveLimit || functions.count > Self.liveLimit
            || handlers.count > Self.liveLimit || names.count > 2 * Self.liveLimit
    }

    /// Hands out what the tasks lost and how late they ran, and starts all counts over.
    ///
    /// - Parameters:
    ///   - limit: the number of tasks; those that lost most and were woken most often.
    ///   - vectorNames: the names of the x86 vectors, from `EventFormats`.
    /// - Returns: the tasks, by their weight, and how many more there were.
    mutating func takeInterval(limit: Int, vectorNames: [String]) -> (tasks: [LiveTask], more: Int) {
        let (chosen, more) = heaviestTasks(limit)
        var places = [Int32: Int](minimumCapacity: chosen.count)
        var rows: [LiveTask] = []
        for task in chosen {
            places[task] = rows.count
            rows.append(liveTask(task))
        }
        addWakes(to: &rows, places, vectorNames)
        for place in 0..<threads.count {
            guard let row = places[threads[place].task] else { continue }
            rows[row].wakes = SpanInterval(tallies.summary(threads[place].waits))
            rows[row].wakes.calls = threads[place].wakeups
            rows[row].runs = SpanInterval(tallies.summary(threads[place].runs))
        }
        startInterval()
        return (rows, more)
    }

    /// The tasks that lost time or were woken, those with most of it first; a wake-up weighs as much as a microsecond.
    private func heaviestTasks(_ limit: Int) -> (chosen: [Int32], more: Int) {
        var weights = [UInt64](repeating: 0, count: tasks.count)
        for task in 0..<tasks.count where tasks[task].isVictim {
            weights[task] = tasks[task].stolen[0] &+ tasks[task].stolen[1] &+ tasks[task].stolen[2]
        }
        for place in 0..<wakes.count {
            let count = tallies.count(of: wakes[place].latency) &+ wakes[place].whileRunning
            weights[Int(wakes[place].task)] &+= count &* 1000
        }
        for place in 0..<threads.count {
            let count = threads[place].wakeups &+ tallies.count(of: threads[place].runs)
            weights[Int(threads[place].task)] &+= count &* 1000
        }
        var chosen: [Int32] = []
        // Idle tasks lose nothing, and the one that stands for tasks beyond a limit is none.
        for task in 0..<tasks.count where weights[task] > 0 && (1...Int64(Int32.max)).contains(tasks[task].pid) {
            chosen.append(Int32(truncatingIfNeeded: task))
        }
        chosen.sort { (weights[Int($1)], $0) < (weights[Int($0)], $1) }
        return (Array(chosen.prefix(limit)), max(chosen.count - limit, 0))
    }

    private func liveTask(_ place: Int32) -> LiveTask {
        let task = tasks[Int(place)]
        let (traits, name) = (traits(ofTask: place), names.text(of: task.name))
        return LiveTask(
            pid: task.pid, name: name == Self.unknownText ? "" : name,
            service: traits.service >= 0 ? ServiceKind.allCases[Int(traits.service)] : nil,
            irq: traits.irq >= 0 ? traits.irq : nil,
            priority: task.thread >= 0 ? threads[Int(task.thread)].priority : nil, handlerNanoseconds: task.stolen[0],
            vectorNanoseconds: task.stolen[1], softirqNanoseconds: task.stolen[2],
            longestNanoseconds: task.longestStretch)
    }

    /// Adds the wake-ups by interrupts, and names the most frequent cause.
    private func addWakes(to rows: inout [LiveTask], _ places: [Int32: Int], _ vectorNames: [String]) {
        var most = [UInt64](repeating: 0, count: rows.count)
        var sums = [DurationSummary](repeating: DurationSummary(), count: rows.count)
        for place in 0..<wakes.count {
            let wake = wakes[place]
            let count = tallies.count(of: wake.latency) &+ wake.whileRunning
            guard count > 0, let row = places[wake.task] else { continue }
            sums[row].add(tallies.summary(wake.latency))
            rows[row].wakes.calls &+= count
            if count > most[row] {
                most[row] = count
                rows[row].cause = cause(wake.cause, vectorNames)
            }
        }
        for row in rows.indices where sums[row].count > 0 {
            let calls = rows[row].wakes.calls
            rows[row].wakes = SpanInterval(sums[row])
            rows[row].wakes.calls = calls
        }
    }

    /// A cause with its name; nil for none.
    func cause(_ key: CauseKey, _ vectorNames: [String]) -> DeepReport.Cause? {
        let value = Int(key.value)
        switch key.kind {
        case .irq: return .irq(handlers[value].irq, action: names.text(of: handlers[value].name))
        case .vector: return .vector(value < vectorNames.count ? vectorNames[value] : "\(value)")
        case .softirq: return .softirq(SoftirqNames.name(of: Int64(value)))
        case .irqThread: return .irqThread(Int64(value))
        case .packetThread: return .packetThread(names.text(of: Int32(value)))
        case nil: return nil
        }
    }

    private mutating func startInterval() {
        for task in 0..<tasks.count where tasks[task].isVictim {
            tasks[task].isVictim = false
            for kind in 0..<3 { tasks[task].stolen[kind] = 0 }
            (tasks[task].stretches, tasks[task].longestStretch) = (0, 0)
        }
        for place in 0..<threads.count { (threads[place].wakeups, threads[place].lockWakeups) = (0, 0) }
        for place in 0..<wakes.count { wakes[place].whileRunning = 0 }
        // Sets keep their numbers, so that whoever holds one goes on with it.
        let count = tallies.make()
        tallies = DurationTallies()
        for _ in 0..<count { _ = tallies.make() }
    }
}
