public import IRQCore

extension Comparison {
    /// Compares the counts of two boxes, or of one at two moments.
    ///
    /// A count has no spread, so nothing is told from chance: each verdict is "too few". Rates are those since each box was
    /// started; of one run of one kernel also what came in between is told.
    public init(counts first: CountSnapshot, _ second: CountSnapshot, _ selection: RowSelection = RowSelection()) {
        self.init([first.report], [second.report], selection)
        isOfCounts = true
        notes = [
            "counts have no spread: no difference can be told from chance; record each (irqscope record) to judge"
        ]
        for snapshot in [first, second] where snapshot.uptimeNanoseconds == nil {
            let what = snapshot.format == "list" ? "a list tells" : "there is"
            let end = snapshot.format == "list" ? "no uptime" : "no copy of /proc/uptime"
            notes.append("\(snapshot.file): \(what) \(end), so its counts have no rates")
        }
        let kinds = RecordedKinds([first.report], [second.report])
        if let note = kinds.note(of: rows, isOfCounts: true) { notes.append(note) }
        for place in rows.indices {
            rows[place].isUncertain = false
            // Nothing is known of times.
            rows[place].a?.values[.share] = nil
            rows[place].b?.values[.share] = nil
        }
        addBetween(first, second)
        let isBetween = rows.contains { $0.between != nil }
        rows.sort { Self.isBefore($0, $1, isBetween) }
    }

    /// Adds what came between two snapshots of one run of a kernel.
    private mutating func addBetween(_ first: CountSnapshot, _ second: CountSnapshot) {
        switch first.isSameBoot(as: second) {
        case nil:
            notes.append("it is not known whether both are of one run of a kernel: nothing is said of the time between")
            return
        case false?: return
        case true?: break
        }
        let passed = second.uptimeNanoseconds.flatMap { later in
            first.uptimeNanoseconds.flatMap { later > $0 ? later - $0 : nil }
        }
        if let before = first.uptimeNanoseconds, let after = second.uptimeNanoseconds, after < before {
            notes.append(
                "both are of one run of a kernel, and B is the earlier one: nothing is said of the time between")
            return
        }
        var (wrapped, left) = (0, Set<Int>())
        for place in rows.indices {
            guard let before = rows[place].a, let after = rows[place].b,
                let calls = Self.calls(before, after, passed, &wrapped, &left)
            else { continue }
            let perSecond = passed.map { Double(calls) * 1e9 / Double($0) }
            rows[place].between = ComparedRow.Between(calls: calls, perSecond: perSecond)
        }
        if wrapped > 0 {
            notes.append(
                "counts of CPUs that went over 2^32 and began again at 0 between A and B: \(wrapped); that is added, for once: "
                    + "the kernel does not tell how often")
        }
        if !left.isEmpty {
            notes.append("CPU \(CPUSet(left).list) not in both boxes: what came there in between is left out")
        }
    }

    /// The calls between two sides, CPU by CPU: each has a count of 32 bits in /proc/interrupts, which may wrap. Nil if one fell
    /// and no wrap explains it.
    private static func calls(
        _ before: ComparedRow.Side, _ after: ComparedRow.Side, _ passed: UInt64?, _ wrapped: inout Int,
        _ left: inout Set<Int>
    ) -> UInt64? {
        guard !before.cpuCalls.isEmpty, !after.cpuCalls.isEmpty else {
            return CounterIntervals.difference(after.calls, before.calls, intervalNanoseconds: nil)
        }
        var sum: UInt64 = 0
        for (cpu, new) in after.cpuCalls {
            guard let old = before.cpuCalls[cpu] else {
                left.insert(cpu)
                continue
            }
            guard let moved = CounterIntervals.difference(new, old, intervalNanoseconds: passed, mayBeLong: true) else {
                return nil
            }
            if new < old { wrapped += 1 }
            sum &+= moved
        }
        left.formUnion(before.cpuCalls.keys.filter { after.cpuCalls[$0] == nil })
        return sum
    }

    /// The order of change, the most first: by what came in between, else by the ratio of the rates or of the counts.
    private static func isBefore(_ one: ComparedRow, _ other: ComparedRow, _ isBetween: Bool) -> Bool {
        let isBoth = (one.a != nil && one.b != nil, other.a != nil && other.b != nil)
        if isBoth.0 != isBoth.1 { return isBoth.0 }
        if isBetween, let first = one.between?.calls, let second = other.between?.calls, first != second {
            return first > second
        }
        let counts = ((one.b ?? one.a)?.calls ?? 0, (other.b ?? other.a)?.calls ?? 0)
        return counts.0 > counts.1
    }
}
