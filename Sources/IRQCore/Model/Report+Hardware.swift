extension Report {
    /// Tells the rows of interrupts, and what refers to them, what hardware is behind them.
    ///
    /// A line is found by its number and its action: the number alone may have been given to another device meanwhile.
    public mutating func identify(by map: HardwareMap) {
        var lines: [Int64: [String: HardwareMap.Line]] = [:]
        for line in map.lines {
            if let action = line.action, lines[Int64(line.irq)]?[action] == nil {
                lines[Int64(line.irq), default: [:]][action] = line
            }
        }
        func line(_ key: RowKey) -> HardwareMap.Line? { key.kind == .irq ? lines[key.number]?[key.name] : nil }
        for index in rows.indices {
            rows[index].line = line(rows[index].key)
            rows[index].key.device = rows[index].line?.device
        }
        for index in storms.indices { storms[index].row.device = line(storms[index].row)?.device }
        for index in slowest.indices { slowest[index].row.device = line(slowest[index].row)?.device }
    }
}
