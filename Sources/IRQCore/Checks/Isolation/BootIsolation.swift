/// The boot options that set CPUs aside, as the kernel's command line has them (kernel/sched/isolation.c).
struct BootIsolation {
    /// The text of isolcpus=, and its CPUs; nil if it is not given.
    var isolcpus: String?
    /// The CPUs of isolcpus= that the scheduler keeps tasks off; empty without the flag `domain`, nil if the text is no list.
    var domain: CPUSet? = CPUSet()
    /// True if isolcpus= has `managed_irq`.
    var hasManaged = false
    /// The text of nohz_full=; nil if it is not given.
    var nohzText: String?
    /// The CPUs without a tick, by nohz_full= or by the flag `nohz`; nil if the text is no list.
    var nohz: CPUSet? = CPUSet()
    /// The CPUs of rcu_nocbs=; nil if it is not given, or no list.
    var callbacks: CPUSet?

    /// Reads the command line.
    init(_ box: Examination) {
        let last = box.cpus.last
        if let text = box.kernel.option("isolcpus") {
            isolcpus = text
            var rest = text[...]
            var flags: Set<String> = []
            // Flags stand in front of the list, with a comma behind each.
            while let first = rest.first, first.isLetter, !rest.hasPrefix("all"), !rest.hasPrefix("N") {
                let word = rest.prefix { $0 != "," }
                flags.insert(String(word))
                rest = rest.dropFirst(word.count).drop { $0 == "," }
            }
            let list = CPUSet.parse(list: String(rest), last: last)
            hasManaged = flags.contains("managed_irq")
            if flags.isEmpty || flags.contains("domain") { domain = list }
            if flags.contains("nohz") { nohz = list }
        }
        if let text = box.kernel.option("nohz_full"), !text.isEmpty {
            nohzText = text
            let list = CPUSet.parse(list: text, last: last)
            nohz = nohz.flatMap { old in list.map { old.union($0) } }
        }
        callbacks = box.kernel.option("rcu_nocbs").flatMap { $0.isEmpty ? nil : CPUSet.parse(list: $0, last: last) }
    }
}
