extension Report {
    /// Puts the buffers of a recording together. Rows of different buffers stay apart: the same interrupt
    /// recorded by two tracers would otherwise count twice.
    ///
    /// - Parameters:
    ///   - symbols: the work functions by address, from the recording's kallsyms.
    ///   - tasks: the saved command lines by pid.
    public init(
        source: RecordingSource, buffers: [BufferResult], symbols: [UInt64: FunctionSymbol], tasks: [Int32: String],
        slowCount: Int, overrunEvents: UInt64?, notes: [String]
    ) {
        self.source = source
        self.notes = notes
        names = RecordingNames(functions: symbols, tasks: tasks)
        self.overrunEvents = overrunEvents
        ledger = LossLedger()
        for buffer in buffers { ledger += buffer.ledger }
        var unused: [String: UInt64] = [:]
        for buffer in buffers { unused.merge(buffer.unusedEvents, uniquingKeysWith: +) }
        unusedEvents = unused.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { UnusedEvent(name: $0.key.isEmpty ? nil : $0.key, count: $0.value) }
        ledger.undescribedEvents &+= unused[""] ?? 0
        startNanoseconds = buffers.compactMap(\.firstTime).min()
        endNanoseconds = buffers.compactMap(\.lastTime).max()
        for buffer in buffers where !buffer.missingByCPU.isEmpty { missing[buffer.buffer] = buffer.missingByCPU }
        rows = buffers.flatMap { $0.namedRows(symbols) }
        storms = buffers.flatMap { $0.namedStorms(symbols) }.sorted {
            ($0.startNanoseconds, $0.cpu, $0.row.number) < ($1.startNanoseconds, $1.cpu, $1.row.number)
        }
        unended = buffers.flatMap { $0.namedUnended(symbols) }
            .sorted { ($0.startNanoseconds, $0.cpu) < ($1.startNanoseconds, $1.cpu) }
        // How many ticks make a second is unknown.
        if !source.isClockNanoseconds { (storms, ledger.stormsBeyondLimit) = ([], 0) }
        slowest = buffers.flatMap { $0.namedSlowest(symbols) }
            .sorted {
                if $0.durationNanoseconds != $1.durationNanoseconds {
                    return $0.durationNanoseconds > $1.durationNanoseconds
                }
                return ($0.startNanoseconds, $0.cpu) < ($1.startNanoseconds, $1.cpu)
            }
        if slowest.count > slowCount { slowest.removeLast(slowest.count - slowCount) }
        for index in slowest.indices {
            let pid = slowest[index].pid
            slowest[index].task = pid == 0 ? "<idle>" : tasks[pid]
        }
        sort(by: .total)
    }
}
