import Glibc
import IRQCore

/// Any bytes as what `irqscope alert` reads: the first one chooses the state file (its fields, whatever the checksum says, and
/// the texts in it), the rules file, softnet_stat, diskstats, the kernel's log, or what debugfs says of a line.
func readAlertFiles(_ span: RawSpan) {
    guard let choice = span.byte(at: 0) else { return }
    let rest = span.extracting(1..<span.byteCount)
    switch choice {
    case UInt8(ascii: "r"):
        var rules = AlertRules()
        try? RulesFile.read(rest, into: &rules) { pattern, name in unsafe fnmatch(pattern, name, 0) == 0 }
        _ = rules.resolve(irq: 36, actions: ["eth0-TxRx-1"], devices: ["eth0"])
    case UInt8(ascii: "n"):
        _ = SoftnetStat.read(rest, cpus: [0, 1])
    case UInt8(ascii: "k"):
        _ = KernelLogText.disabledInterrupts(rest)
    case UInt8(ascii: "s"):
        precondition((DiskStats.read(rest)?.count ?? 0) <= DiskStats.diskLimit)
    case UInt8(ascii: "d"):
        _ = IRQStateText.isSpuriousDisabled(rest)
    default:
        readAlertState(rest.array)
    }
}

private func readAlertState(_ file: [UInt8]) {
    _ = try? AlertStateFile.decode(file)
    guard let state = try? AlertStateFile.decodeContents(file) else { return }
    let box = Box(keepsHistory: false)
    if box.restore(state) {
        var seen = BoxInterval(box, start: state.time)
        seen.intervalNanoseconds = 1_000_000_000
        let outcome = AlertEngine.judge(state.memory, seen, AlertRules())
        precondition(outcome.memory.alerts.count <= AlertMemory.alertLimit)
    }
    var again: [UInt8] = []
    AlertStateFile.write(state) { again += $0 }
    precondition((try? AlertStateFile.decode(again)) == state)
}
