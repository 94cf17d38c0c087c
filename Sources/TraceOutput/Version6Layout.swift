// Version 6, trace-cmd.dat.v6(5), is one stream: header texts, formats, kallsyms, printk formats, saved command lines,
// the number of CPUs, "options  \0", "flyrecord\0" with an offset and a size for each CPU, the clock in brackets (which
// the manual page does not mention; trace-cmd writes and reads it), and from the next page border on the pages.

extension RecordingLayout {
    /// - Parameters:
    ///   - sections: the CPUs with pages, in order.
    ///   - tail: what stands behind the pages.
    static func version6(
        _ machine: RecordingMachine, _ sections: [Section], pageByteCount: Int, tail: [UInt8]
    ) -> RecordingLayout {
        var head = start(.v6, machine, pageByteCount: pageByteCount)
        head.put(machine.headerInfo)
        head.put(machine.ftraceEvents)
        head.put(machine.events)
        head.put(RecordingMachine.sized32(machine.kallsyms))
        head.put(RecordingMachine.sized32(machine.printkFormats))
        head.put(RecordingMachine.sized64(machine.savedCommandLines))
        let cpuCount = machine.cpuCount(with: sections)
        head.put(UInt32(cpuCount))
        head.put(text: "options  ")
        var options = RecordingOptions()
        options.add(machine)
        head.put(options.block.bytes)
        head.put(RecordingOptions.Number.done)
        head.put(text: "flyrecord")
        let clock = RecordingMachine.sized64(Array("[\(machine.clockName)]".utf8))
        var place = (head.count + cpuCount * 16 + clock.count).roundedUp(to: pageByteCount)
        var next = sections[...]
        for cpu in 0..<cpuCount {
            let byteCount = next.first?.cpu == cpu ? next.removeFirst().byteCount : 0
            head.put(UInt64(place))
            head.put(UInt64(byteCount))
            place += byteCount
        }
        head.put(clock)
        head.pad(to: head.count.roundedUp(to: pageByteCount))
        return RecordingLayout(head: head.bytes, sections: sections.map { ([], $0) }, tail: tail)
    }
}
