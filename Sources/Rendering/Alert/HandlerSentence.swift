internal import IRQCore

/// The facts of a look through tracefs in words: parts that stand among a finding's evidence.
struct HandlerSentence {
    /// The parts, in the order of their weight.
    let parts: [String]

    /// Nothing, if nobody looked and nobody wanted to.
    init(_ evidence: AlertEvidence) {
        guard let look = evidence.handler else {
            parts = evidence.handlerProblem.map { ["its handler not looked at: \(SafeText.escaped($0))"] } ?? []
            return
        }
        parts = Self.parts(look)
    }

    private static func parts(_ look: HandlerProfile) -> [String] {
        let time = Units().duration(look.nanoseconds)
        let lost = "\(Units.count(look.lostEvents)) events lost in the look"
        guard look.calls > 0 else {
            return ["no call of its handler in a look of \(time)"] + (look.lostEvents > 0 ? [lost] : [])
        }
        var parts: [String] = []
        let cpu = look.cpu.map { "CPU \($0)" } ?? "a CPU"
        let isShared = look.actions.count > 1
        // Lost events make sums too small; the mean is that of the calls that were seen.
        let bound = look.lostEvents > 0 ? "at least " : ""
        var numbers = ["\(bound)\(Units.rate(look.callsPerSecond))/s"]
        if let mean = look.meanNanoseconds { numbers.append("mean \(Units().duration(mean))") }
        if let p99 = look.p99Nanoseconds { numbers.append("p99 \(Units().duration(p99))") }
        let subject = isShared ? "its \(look.actions.count) handlers take" : "its handler takes"
        parts.append(
            "\(subject) \(bound)\(Units.percent(look.cpuShare)) of \(cpu) (\(numbers.joined(separator: ", ")))")
        if isShared, let first = look.actions.first {
            let total = look.actions.reduce(0) { $0 + Double($1.totalNanoseconds) }
            if total > 0 {
                let share = Units.percent(Double(first.totalNanoseconds) / total)
                parts.append("most of it \(SafeText.escaped(first.name)), \(share)")
            }
        }
        if let share = look.unhandledShare {
            parts.append("\(Units.percent(share)) unhandled")
        } else {
            parts.append("unhandled unknown")
        }
        if let share = look.threadShare, share > 0 {
            parts.append("\(Units.percent(share)) go on in a thread, whose time is not in it")
        }
        if look.lostEvents > 0 { parts.append(lost) }
        return parts
    }
}
