/// The softirq vectors' names by number (softirq_to_name in the kernel's kernel/softirq.c).
public enum SoftirqNames {
    /// Vector 5 was called BLOCK_IOPOLL on old kernels.
    public static let all = [
        "HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU",
    ]

    /// The name of a vector, or its number as text if the kernel has none for it.
    public static func name(of vector: Int64) -> String {
        (0..<Int64(all.count)).contains(vector) ? all[Int(vector)] : String(vector)
    }
}
