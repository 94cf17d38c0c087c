/// The findings of a deep analysis, before function addresses have names.
public struct DeepResult: Sendable {
    private var report = DeepReport()

    /// The calls over time alone, which hang on no event of the scheduler.
    init(overTime deep: borrowing DeepAnalysis) {
        report.startNanoseconds = deep.firstTime
        report.endNanoseconds = deep.firstTime == nil ? nil : deep.lastTime
        report.sliceNanoseconds = deep.clock.width
        report.totals.events = deep.totals.events
        report.totals.lost = deep.totals.lost
        report.totals.gaps = deep.totals.gaps
        addHandlers(deep)
    }

    init(_ deep: borrowing DeepAnalysis, vectorNames: [String]) {
        self.init(overTime: deep)
        report.totals = deep.totals
        report.totals.namesBeyondLimit = deep.names.usesBeyondLimit
        report.totals.callsBeyondLimit = deep.open.beyondLimit
        report.clocks = DeepReport.Clocks(deep.clocks)
        addTasks(deep, vectorNames)
        addSoftirqs(deep)
        addFunctions(deep, vectorNames)
        for slot in 0..<deep.cpus.count {
            let cpu = deep.cpus[slot]
            guard cpu.isSelected, let span = deep.span(slot) else { continue }
            let shares = deep.isWindowed ? cpu.windowShares : cpu.shares
            report.cpus.append(
                DeepReport.CPU(
                    cpu: Int(cpu.number), span: span, shares: (0..<7).map { shares[$0] },
                    stretches: cpu.stretches, longest: cpu.longestStretch, mergedLongest: cpu.longestMerged,
                    mergedLongestStart: cpu.longestMergedStart))
        }
        report.cpus.sort { $0.cpu < $1.cpu }
        report.lateWakes = Self.lateWakes(deep, vectorNames)
        report.lateSoftirqs = Self.lateSoftirqs(deep, vectorNames)
        report.softirqWaits = Self.softirqWaits(deep)
    }

    private mutating func addTasks(_ deep: borrowing DeepAnalysis, _ vectorNames: [String]) {
        func name(_ task: Int32) -> String { deep.names.text(of: deep.tasks[Int(task)].name) }
        // Several actions of a line share a thread's name, for names are cut to 15 bytes.
        var requests: [[UInt8]: UInt64] = [:]
        for handler in deep.handlers where handler.exits > 0 && !handler.hasWords {
            let full = Array("irq/\(handler.irq)-".utf8) + deep.names.bytes(of: handler.name)
            requests[Array(full.prefix(15)), default: 0] += handler.requests
        }
        for place in 0..<deep.threads.count {
            let thread = deep.threads[place]
            // Of a CPU that was not asked for.
            if thread.wakeups == 0, thread.priority == nil { continue }
            let traits = deep.traits(ofTask: thread.task)
            func summary(_ tally: Int32) -> DurationSummary { deep.tallies.summary(tally) }
            report.threads.append(
                DeepReport.Thread(
                    irq: traits.irq >= 0 ? traits.irq : nil,
                    kind: traits.service >= 0 ? ServiceKind.allCases[Int(traits.service)] : nil,
                    name: name(thread.task), pid: deep.tasks[Int(thread.task)].pid, priority: thread.priority,
                    requests: requests[deep.names.bytes(of: deep.tasks[Int(thread.task)].name)],
                    wakeups: thread.wakeups, lockWakeups: thread.lockWakeups, wakeLatency: summary(thread.waits),
                    handlerToRun: summary(thread.handlerToRun), runTime: summary(thread.runs),
                    preemptedTime: summary(thread.preemptions), blockedTime: summary(thread.blocks)))
        }
        report.threads.sort { $0.pid < $1.pid }
        for place in 0..<deep.wakes.count {
            let row = deep.wakes[place]
            guard let cause = deep.cause(row.cause, vectorNames) else { continue }
            report.wakes.append(
                DeepReport.Wake(
                    cause: cause, name: name(row.task), pid: deep.tasks[Int(row.task)].pid,
                    whileRunning: row.whileRunning, latency: deep.tallies.summary(row.latency)))
        }
        // Arm tells each one twice.
        let isSendTraced = deep.sent.keys.contains { $0.reason == 0 }
        var sentByTask: [Int64: (name: Int32, count: UInt64)] = [:]
        for place in 0..<deep.tasks.count {
            let task = deep.tasks[place]
            func addFaults(_ count: UInt64, isKernel: Bool) {
                if count == 0 { return }
                report.faults.append(
                    DeepReport.Fault(
                        isKernel: isKernel, pid: max(task.pid, 0), name: deep.names.text(of: task.name), count: count))
            }
            addFaults(task.kernelFaults, isKernel: true)
            addFaults(task.userFaults, isKernel: false)
            let sent = isSendTraced ? task.sentCount : task.raisedCount
            if sent > 0 { sentByTask[max(task.pid, 0), default: (name: task.name, count: 0)].count += sent }
            guard task.isVictim else { continue }
            report.victims.append(
                DeepReport.Victim(
                    pid: task.pid, name: deep.names.text(of: task.name), handlers: task.stolen[0],
                    vectors: task.stolen[1], softirqs: task.stolen[2], stretches: task.stretches,
                    longest: task.longestStretch))
        }
        report.victims.sort { ($1.total, $0.pid) < ($0.total, $1.pid) }
        report.sendingTasks = sentByTask.map { pid, sent in
            DeepReport.SendingTask(
                pid: pid, name: pid == 0 ? "idle" : deep.names.text(of: sent.name), count: sent.count)
        }
        report.sendingTasks.sort { ($1.count, $0.pid) < ($0.count, $1.pid) }
    }

    private mutating func addSoftirqs(_ deep: borrowing DeepAnalysis) {
        for vector in 0..<DeepCPU.softirqLimit where deep.raises[vector] + deep.entries[vector] > 0 {
            func summary(_ server: Int) -> DurationSummary? {
                let tally = deep.raiseTallies[vector * 5 + server]
                return tally < 0 ? nil : deep.tallies.summary(tally)
            }
            var served: [ServiceKind: DurationSummary] = [:]
            for (place, kind) in ServiceKind.allCases.enumerated() { served[kind] = summary(place + 1) }
            report.softirqs.append(
                DeepReport.Softirq(
                    vector: vector, raises: deep.raises[vector], entries: deep.entries[vector], inline: summary(0),
                    served: served))
        }
        for place in 0..<deep.devices.count {
            let device = deep.devices[place]
            report.devices.append(
                DeepReport.Device(
                    name: deep.names.text(of: device.name), polls: device.polls, packets: device.packets,
                    budgetExhausted: device.budgetExhausted, empty: device.empty, outsideNetRX: device.outsideNetRX))
        }
        report.devices.sort { $0.name < $1.name }
        for place in 0..<deep.chains.count {
            let chain = deep.chains[place]
            report.chains.append(
                DeepReport.Chain(
                    irq: chain.irq, devices: deep.names.text(of: chain.devices), runs: chain.runs,
                    interrupts: chain.interrupts, polls: chain.polls, packets: chain.packets,
                    budgetExhausted: chain.budgetExhausted, latency: deep.tallies.summary(chain.latency)))
        }
        for place in report.chains.indices {
            report.chains[place].coalescing = report.chains[place].verdict(span: report.spanNanoseconds)
        }
        report.chains.sort { ($0.irq ?? -1, $0.devices) < ($1.irq ?? -1, $1.devices) }
    }

    private mutating func addFunctions(_ deep: borrowing DeepAnalysis, _ vectorNames: [String]) {
        var waits: [DeepFunctionTable: [UInt64: DurationSummary]] = [:]
        var rows: [DeepFunctionTable: [(function: UInt64, summary: DurationSummary)]] = [:]
        var lateRuns: [UInt64: UInt64] = [:]
        for place in 0..<deep.functions.count {
            let row = deep.functions[place]
            guard let table = DeepFunctionTable(rawValue: UInt64(row.table)) else { continue }
            let summary = deep.tallies.summary(row.tally)
            if row.lateRuns > 0 { lateRuns[row.function] = row.lateRuns }
            switch table {
            case .callWait, .lateness, .workWait: waits[table, default: [:]][row.function] = summary
            default: rows[table, default: []].append((row.function, summary))
            }
        }
        func functions(_ table: DeepFunctionTable, waits wait: DeepFunctionTable? = nil) -> [DeepReport.Function] {
            var rows = rows[table] ?? []
            // In a window there are waits that began in it for what began behind it.
            if deep.isWindowed, let wait {
                let known = Set(rows.map(\.function))
                for function in (waits[wait] ?? [:]).keys where !known.contains(function) {
                    rows.append((function, DurationSummary()))
                }
            }
            return rows.map { row in
                DeepReport.Function(
                    address: row.function, name: nil, isLocal: table == .localCall, duration: row.summary,
                    wait: wait.flatMap { waits[$0]?[row.function] } ?? DurationSummary(),
                    lateRuns: wait == .lateness ? lateRuns[row.function] ?? 0 : 0)
            }
        }
        report.tasklets = functions(.tasklet)
        report.calls = functions(.call, waits: .callWait) + functions(.localCall)
        report.timers = functions(.timer)
        report.hrtimers = functions(.hrtimer, waits: .lateness)
        report.work = functions(.work, waits: .workWait)
        for vector in 0..<64 where deep.vectorTallies[vector] >= 0 {
            report.received.append(
                DeepReport.Function(
                    address: UInt64(vector), name: vector < vectorNames.count ? vectorNames[vector] : "\(vector)",
                    duration: deep.tallies.summary(deep.vectorTallies[vector]), wait: DurationSummary()))
        }
        report.senders = deep.sent.map {
            DeepReport.Sender(key: $0.key, callsite: nil, callback: nil, reason: nil, count: $0.value)
        }
    }

    private mutating func addHandlers(_ deep: borrowing DeepAnalysis) {
        for given in deep.handlers where !given.slices.slices.isEmpty {
            var handler = given
            handler.slices.widen(to: deep.clock.width)
            report.handlers.append(
                DeepReport.Handler(
                    irq: handler.irq, action: deep.names.text(of: handler.name),
                    isStub: handler.exits > 0 && handler.onlyWoke == handler.exits,
                    slices: handler.slices.slices.map {
                        DeepReport.Handler.Slice(index: $0.index, count: $0.count, percentile99: $0.percentile99())
                    }, peaks: (0..<3).map { handler.peaks.peaks[$0] }))
        }
        report.handlers.sort { ($0.irq, $0.action) < ($1.irq, $1.action) }
    }

    // MARK: - Names

    private static let tables: [any WritableKeyPath<DeepReport, [DeepReport.Function]> & Sendable] = [
        \.tasklets, \.calls, \.timers, \.hrtimers, \.work,
    ]

    /// The addresses of the functions that were called.
    public var functionAddresses: Set<UInt64> {
        var addresses = Set(report.senders.map(\.key.callback))
        for table in Self.tables { addresses.formUnion(report[keyPath: table].map(\.address)) }
        addresses.remove(0)
        return addresses
    }

    /// The addresses inside of functions.
    public var placeAddresses: Set<UInt64> { Set(report.senders.map(\.key.callsite)).subtracting([0]) }

    /// The report, functions called by their names; several addresses of one name become one row.
    ///
    /// - Parameters:
    ///   - functions: the names of `functionAddresses`.
    ///   - places: the names of the functions that `placeAddresses` lie in.
    ///   - texts: the kernel's texts by their addresses.
    public func named(
        functions: [UInt64: FunctionSymbol], places: [UInt64: FunctionSymbol], texts: [UInt64: String]
    ) -> DeepReport {
        func name(_ address: UInt64, _ symbols: [UInt64: FunctionSymbol]) -> String? {
            address == 0 ? nil : SpanNames { symbols[$0] }.symbol(address).name
        }
        var named = report
        for table in Self.tables {
            var rows: [DeepReport.Function] = []
            for row in report[keyPath: table] {
                var row = row
                row.name = name(row.address, functions)
                if let same = rows.firstIndex(where: { $0.name == row.name && $0.isLocal == row.isLocal }) {
                    rows[same].duration.add(row.duration)
                    rows[same].wait.add(row.wait)
                } else {
                    rows.append(row)
                }
            }
            rows.sort {
                ($1.duration.totalNanoseconds, $0.name ?? "") < ($0.duration.totalNanoseconds, $1.name ?? "")
            }
            named[keyPath: table] = rows
        }
        var senders: [DeepReport.Sender] = []
        for sender in report.senders {
            var sender = sender
            sender.callsite = name(sender.key.callsite, places)
            sender.callback = name(sender.key.callback, functions)
            sender.reason = sender.key.reason == 0 ? nil : texts[sender.key.reason] ?? name(sender.key.reason, [:])
            if let same = senders.firstIndex(where: {
                $0.callsite == sender.callsite && $0.callback == sender.callback && $0.reason == sender.reason
            }) {
                senders[same].count += sender.count
            } else {
                senders.append(sender)
            }
        }
        senders.sort {
            if $0.count != $1.count { return $0.count > $1.count }
            return ($0.callsite ?? "", $0.callback ?? "", $0.reason ?? "")
                < ($1.callsite ?? "", $1.callback ?? "", $1.reason ?? "")
        }
        named.senders = senders
        return named
    }
}
