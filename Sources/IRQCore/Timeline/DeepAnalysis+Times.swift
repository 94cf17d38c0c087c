// What the deep analysis keeps for a course over time.

extension DeepAnalysis {
    /// Notes a wake-up whose latency has been counted.
    @inline(always)
    mutating func noteWake(_ task: Int32, _ slot: Int, from start: UInt64, latency: UInt64, isAcrossCPUs: Bool) {
        let cpu = cpus[slot].number
        times?.addWake(
            of: task, slot: slot, cpu: cpu, from: start, latency: latency, isAcrossCPUs: isAcrossCPUs,
            history)
    }

    /// Takes out what was kept for a course over time, at the end of the recording; nil if nothing was.
    mutating func takeTimes(vectorNames: [String]) -> DeepTimes.Result? {
        guard hasScheduler, var times = times.take() else { return nil }
        for slot in 0..<cpus.count { times.finish(slot: slot, history) }
        let isRefused = clocks.provenNanoseconds != nil
        var rows: [BufferTimeline.Row] = []
        var rowByID: [BufferTimeline.RowID: Int32] = [:]
        for place in 0..<times.rows.count {
            let row = times.rows[place]
            let id = BufferTimeline.RowID.wake(name: name(ofTask: row.task), pid: tasks[Int(row.task)].pid)
            // Clocks that differ make no latency from one CPU to another.
            let isKnown = !(isRefused && row.isAcrossCPUs)
            rows.append(
                BufferTimeline.Row(
                    id: id, group: isKnown ? .wake : nil, count: row.count, total: row.total, isWhole: row.isWhole))
        }
        var moments: [FoundMoment] = []
        for found in times.list.moments where rows[Int(found.row)].group != nil {
            var moment = found
            moment.spans = StretchNesting.spans(of: found.stretches).map { span in
                let id = self.id(of: span.item, vectorNames)
                let row = rowByID[id] ?? Int32(rows.count)
                if row == rows.count {
                    rows.append(BufferTimeline.Row(id: id, group: nil))
                    rowByID[id] = row
                }
                return RanSpan(
                    start: span.start, duration: span.end - span.start, row: row, depth: Int32(span.depth))
            }
            moments.append(moment)
        }
        var lanes: [LaneTimes.CPU] = []
        for slot in 0..<cpus.count where cpus[slot].isSelected {
            lanes.append(times.lanes.times(cpu: Int(cpus[slot].number), at: slot, times.grid))
        }
        return DeepTimes.Result(
            rows: rows, entries: times.cells.entries(times.grid),
            threads: BufferTimeline.Lanes(grid: times.grid, cpus: lanes), moments: moments)
    }

    private func name(ofTask task: Int32) -> String { names.text(of: tasks[Int(task)].name) }

    /// The row of what a CPU was busy with.
    private func id(of item: RunItem, _ vectorNames: [String]) -> BufferTimeline.RowID {
        func row(_ kind: RowKind, _ number: Int64, _ name: [UInt8]) -> BufferTimeline.RowID {
            .row(BufferResult.RowID(kind: kind, number: number, name: name), .duration)
        }
        switch item.kind {
        case .handler:
            let handler = handlers[item.value]
            return row(.irq, handler.irq, names.bytes(of: handler.name))
        case .vector:
            return row(.vector, 0, item.value < vectorNames.count ? Array(vectorNames[item.value].utf8) : [])
        case .softirq: return row(.softirq, Int64(item.softirqVector), [])
        case .task, .idle, .unknown:
            return .task(name: name(ofTask: Int32(item.value)), pid: tasks[item.value].pid)
        }
    }
}
