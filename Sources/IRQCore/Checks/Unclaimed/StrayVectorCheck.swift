/// Interrupts to vectors that nobody owns.
enum StrayVectorCheck: DoctorCheck {
    /// What comes earlier is the firmware's leaving, in seconds after boot.
    static let bootSeconds = 60.0
    /// So near to a CPU's coming or going it is that, in seconds.
    static let hotplugSeconds = 5.0

    static let about = CheckText(
        "stray-vector", title: "interrupts come to vectors that nobody owns",
        meaning: """
            A device sends its interrupt as a number to a CPU, and the kernel knows nobody who waits for that number there: a \
            driver freed its line while the device went on, or the firmware set something up.
            """,
        reads: ["dmesg"],
        rule: "'No irq handler for vector' later than 60 s after boot",
        exceptions: "a burst at boot, or within 5 s of a CPU's coming or going",
        trust: "the kernel leaves messages out where there are many: a lower bound",
        origin: "arch/x86/kernel/irq.c (6.1: __common_interrupt: C.V, older do_IRQ: C.V)")

    /// A vector of a CPU.
    private struct Place: Hashable {
        var (cpu, vector): (Int, Int)
        static func == (left: Self, right: Self) -> Bool { left.cpu == right.cpu && left.vector == right.vector }
        func hash(into hasher: inout Hasher) {
            hasher.combine(cpu)
            hasher.combine(vector)
        }
    }

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.isX86 || box.log != nil else { return }
        let log = try box.requireLog()
        let strays = log.filter { $0.text.has("No irq handler for") }
        guard !strays.isEmpty else { return }
        let changes = log.filter { isHotplug($0.text) }.compactMap(\.seconds)
        var counts: [Place: Int] = [:]
        var hasTimes = false
        for line in strays {
            guard let seconds = line.seconds else { continue }
            hasTimes = true
            guard seconds > bootSeconds, !changes.contains(where: { abs($0 - seconds) <= hotplugSeconds }),
                let place = place(line.text)
            else { continue }
            counts[place, default: 0] += 1
        }
        if !hasTimes { throw Unjudged("the log has no times since boot: the messages may be from then") }
        guard
            let most = counts.max(by: {
                ($0.value, $1.key.cpu, $1.key.vector) < ($1.value, $0.key.cpu, $0.key.vector)
            })
        else { return }
        let times = most.value == 1 ? "once" : "\(most.value) times"
        var evidence = "vector \(most.key.vector) on CPU \(most.key.cpu) fired \(times) without owner"
        if counts.count > 1 { evidence += "; \(counts.count - 1) more vectors likewise" }
        var finding = DoctorFinding(
            .warn, "vector \(most.key.vector)", evidence,
            why: "a device sends interrupts that the kernel gave up, or never gave out: they are lost",
            next: [
                "dmesg | grep -B5 'No irq handler for'",
                "# a newer BIOS; scripts that switch CPUs off; a driver that frees its lines late",
            ])
        (finding.weight, finding.cpus) = (Double(counts.values.reduce(0, +)), CPUSet(counts.keys.map(\.cpu)))
        findings.append(finding)
    }

    private static func isHotplug(_ text: String) -> Bool {
        text.has("is now offline") || text.has("Booting Node") || text.has("smpboot: CPU ")
            || text.has("Enabling non-boot CPUs")
    }

    /// The two numbers of `3.55`, before or behind the words.
    private static func place(_ text: String) -> Place? {
        for word in text.split(separator: " ") {
            let parts = word.split(separator: ".", omittingEmptySubsequences: false)
            if parts.count == 2, let cpu = Int(parts[0]), let vector = Int(parts[1]),
                (0...ProcTextLimits.highestCPU).contains(cpu)
            {
                return Place(cpu: cpu, vector: vector)
            }
        }
        return nil
    }
}
