/// CPUs that sleep so deeply that waking them takes longer than what woke them.
enum IdleLatencyCheck: DoctorCheck {
    /// The time that a state takes to wake from, in microseconds, and the rate of a CPU's lines that makes it matter.
    static let (deepMicroseconds, leastPerSecond) = (50, 100.0)
    private static let system = "sys/devices/system/cpu"

    static let about = CheckText(
        "idle-latency", title: "waking a CPU takes longer than the interrupt",
        meaning: """
            An idle CPU saves power in several depths; from the deepest it takes 100 microseconds and more to wake. Each interrupt \
            of a CPU that sleeps so deeply begins that much later.
            """,
        reads: [
            "\(system)/cpuN/cpuidle/stateM/name, latency, disable, usage", "\(system)/cpuN/cpufreq/scaling_governor",
            "proc/sys/net/core/busy_poll",
        ],
        rule: """
            on a CPU whose lines come 100 times a second or more, or that is isolated: a state of 50 microseconds or more that \
            is allowed and was entered. A note; a warning with a wish for low latency: isolated CPUs, PREEMPT_RT, busy_poll.
            """,
        exceptions: "a state that is not entered (/dev/cpu_dma_latency is held); guests without states",
        trust: "the time is from the driver's table, not measured",
        origin: "drivers/idle/intel_idle.c; redhat-performance/tuned#808, sonic-net/sonic-buildimage#6051")
    static let sampled = ["\(system)/cpu*/cpuidle/state*/usage"]

    /// A state of several CPUs.
    private struct State {
        var name = ""
        var number = 0
        var microseconds = 0
        var cpus = CPUSet()
        var entered: UInt64 = 0
    }

    static let needsCPUs = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let isolated = box.cpus.isolated
        var rates: [Int: Double] = [:]
        for line in box.lines where line.mobility != .perCPU {
            for (cpu, rate) in line.perCPU { rates[cpu, default: 0] += rate }
        }
        let wanted = box.cpus.online.cpus.filter { isolated.contains($0) || (rates[$0] ?? 0) >= leastPerSecond }
        var states: [String: State] = [:]
        var isThere = false
        for cpu in wanted {
            for name in box.files.names("\(system)/cpu\(cpu)/cpuidle") ?? [] where name.hasPrefix("state") {
                isThere = true
                add("\(system)/cpu\(cpu)/cpuidle/\(name)", cpu, Int(name.dropFirst(5)) ?? 0, box, &states)
            }
        }
        if let deepest = states.values.max(by: { ($0.microseconds, $0.entered) < ($1.microseconds, $1.entered) }) {
            findings.append(finding(box, deepest, states.count, isolated))
        }
        guard !isThere, let first = wanted.first else { return }
        // A guest has none as a rule, and a running kernel tells all that it has.
        if box.isLive || box.isGuest == true || box.text("\(system)/cpuidle/current_driver") == "none" { return }
        throw Unjudged("\(system)/cpu\(first)/cpuidle is not there")
    }

    private static func add(
        _ folder: String, _ cpu: Int, _ number: Int, _ box: Examination, _ states: inout [String: State]
    ) {
        guard let microseconds = box.number("\(folder)/latency"), microseconds >= deepMicroseconds,
            (box.number("\(folder)/disable") ?? 0) == 0, let entered = box.delta("\(folder)/usage"), entered > 0
        else { return }
        let name = box.text("\(folder)/name") ?? "state\(number)"
        var state = states["\(name) \(microseconds)"] ?? State()
        (state.name, state.number, state.microseconds) = (name, number, microseconds)
        state.cpus = state.cpus.union(CPUSet([cpu]))
        state.entered &+= entered
        states["\(name) \(microseconds)"] = state
    }

    private static func finding(
        _ box: Examination, _ state: State, _ count: Int, _ isolated: CPUSet
    ) -> DoctorFinding {
        let hasGoal =
            !state.cpus.isDisjoint(with: isolated) || box.kernel.isRealtime == true
            || (box.number("proc/sys/net/core/busy_poll") ?? 0) > 0
        let times = box.isSinceBoot ? "since boot" : "in \(Units.fixed(box.seconds, 0)) s"
        var evidence =
            "\(state.name) (\(state.microseconds) µs) entered \(Units.rate(Double(state.entered))) times \(times)"
            + " on \(state.cpus.inWords)"
        if count > 1 { evidence += ", and \(count - 1) more deep \(count == 2 ? "state" : "states")" }
        let governors = Set(state.cpus.cpus.compactMap { box.text("\(system)/cpu\($0)/cpufreq/scaling_governor") })
        if let other = governors.sorted().first(where: { $0 != "performance" }) { evidence += "; governor \(other)" }
        func switched(_ value: Int) -> String {
            let file = "cpuidle/state\(state.number)/disable"
            let all = state.cpus.cpus
            if all.count == 1 { return "echo \(value) >/\(system)/cpu\(all[0])/\(file)" }
            if state.cpus == box.cpus.online { return "echo \(value) | tee /\(system)/cpu[0-9]*/\(file) >/dev/null" }
            let list = all.map(String.init).joined(separator: " ")
            return "for c in \(list); do echo \(value) >/\(system)/cpu$c/\(file); done"
        }
        var next = [switched(1)]
        if !box.tasks(named: "tuned").isEmpty || box.text("etc/tuned/active_profile") != nil {
            next.insert("tuned-adm profile latency-performance", at: 0)
        }
        next.append("# it costs power; a program can ask for the same with /dev/cpu_dma_latency")
        var finding = DoctorFinding(
            hasGoal ? .warn : .note, state.cpus.inWords, evidence,
            why: "an interrupt that finds its CPU asleep begins that much later", next: next)
        finding.undo = switched(0)
        (finding.isRate, finding.weight, finding.cpus) = (true, Double(state.microseconds), state.cpus)
        return finding
    }
}
