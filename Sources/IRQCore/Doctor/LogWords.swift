/// The words of kernel logs that checks of `doctor` look for: a snapshot keeps the lines that hold one of them.
public enum LogWords {
    private static let words = [
        "Linux version ", "nobody cared", "handlers:", "Disabling IRQ", "bogus return value", "Flags mismatch irq",
        "set affinity failed", "Affinity broken", "affinity", "vector", "No irq handler", "is now offline",
        "Booting Node", "smpboot", "CPU offline", "Eff. affinity", "IRQ fixup", "eff. affinity mask",
        "temperature above",
        "temperature is above", "throttled", "NETDEV WATCHDOG", "long duration of IRQ", "Full dynticks", "NO_HZ",
        "Offload RCU", "DMAR-IR", "Interrupt remapping", "CMCI storm", "Hardware Error", "mce:", "machine check",
        "Uhhuh. NMI", "NMI", "hrtimer: interrupt took", "interrupt took too long", "took too long", "hogged CPU",
        "NOHZ", "soft lockup", "hard LOCKUP", "self-detected stall", "detected stalls", "HardIRQ", "irq#",
        "clocksource", "TSC", "tsc", "RT throttling", "isolcpus", "Housekeeping", "nohz", "rcu_nocbs", "QID",
        "default/read/poll queues", "suspend exit", "hibernation exit", "Restarting tasks", "Hypervisor detected",
        "local_softirq_pending", "interrupt reservation", "Interrupt reservation", "Cannot disable CPU",
    ]

    /// Words that stand in lines that checks read: interrupts, buses and the options of the kernel.
    private static let others: Set<String> = [
        "irq", "nobody", "cared", "handler", "edge", "level", "fasteoi", "cpu", "cpus", "node", "pci", "acpi", "msi",
        "virtio",
        "nvme", "eth", "usb", "timer", "kernel", "linux", "host", "boot", "net", "default", "affinity", "queue",
        "queues",
    ]

    /// True if a word is one of the kernel's own in lines that checks look for: then it is not taken for the name of a host.
    public static func isWordOfKernel(_ word: String) -> Bool {
        let small = word.lowercased()
        if others.contains(small) { return true }
        return words.contains { line in
            line.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == small }
        }
    }

    /// True if a check may want the line: one of the words is in it, or it tells a handler below "handlers:".
    public static func isWanted(_ line: String) -> Bool {
        words.contains { line.has($0) } || line.has("[<")
    }
}
