/// The plan for an interrupt that somebody looks at: of which device, for which goal, with which rates.
extension AffinityBox {
    /// True if a name means the device of a line: its own, its address, its interface, the owner of its queue, or the line's
    /// handler.
    func means(_ name: String, _ line: Line) -> Bool {
        [line.device, line.deviceKey, line.queue?.owner, line.identity.address, line.action].contains(name)
            || (line.deviceKey.flatMap { interfaces[$0] } ?? []).contains { $0.name == name }
    }

    /// True if a name means something here: the device of a line, or an interface.
    public func knows(_ name: String) -> Bool {
        lines.contains { means(name, $0) } || interfaces.values.contains { $0.contains { $0.name == name } }
    }

    /// The name by which a plan takes the device of a line; nil if nothing is known of it but its number.
    ///
    /// Two cards of one driver may go by its name: such a device is named by its address.
    public func planName(of line: Line) -> String? {
        let names = [line.device, line.identity.address, line.deviceKey, line.queue?.owner, line.action]
            .compactMap { $0 }.filter { !$0.isEmpty }
        return names.first { name in
            lines.allSatisfy { !means(name, $0) || $0.deviceKey == line.deviceKey }
        } ?? names.first
    }

    /// The goal that mends what is wrong with a line: near its memory node, off the CPUs that were set aside, else spread.
    public func goal(of line: Line, marks: RowMarks) -> AffinityGoal {
        if marks.contains(.remoteNode) { return .numa }
        let isThere = line.effective.map { !$0.isDisjoint(with: cpus.isolated) } ?? false
        let rate = line.perCPU.reduce(0) { $0 + (cpus.isolated.contains($1.key) ? $1.value : 0) }
        return isThere || rate >= IsolatedCPUCheck.warnPerSecond ? .isolate : .spread
    }

    /// Takes the rates of a box's last interval in place of its own, where that knows them of all CPUs.
    public mutating func takeRates(of live: Box) {
        guard live.interrupts.intervalNanoseconds != nil, !live.interrupts.sample.table.isSelection else { return }
        areRatesKnown = true
        for index in lines.indices { (lines[index].perSecond, lines[index].perCPU) = (0, [:]) }
        var places: [Int: Int] = [:]
        for (index, line) in lines.enumerated() { places[line.irq] = index }
        for row in 0..<live.interrupts.sample.table.rowCount {
            let interval = live.interrupts.interval(row)
            guard let place = places[Int(live.interrupts.sample.table.row(row).irq)], interval.isKnown,
                interval.delta > 0
            else { continue }
            lines[place].perSecond = live.interrupts.perSecond(interval.delta) ?? 0
            for column in 0..<live.interrupts.sample.table.cpuCount {
                guard let delta = live.interrupts.delta(row, column), delta > 0 else { continue }
                lines[place].perCPU[live.interrupts.sample.table.cpu(column)] = live.interrupts.perSecond(delta)
            }
        }
    }
}
