internal import IRQCore

/// A kernel that makes all handlers go on in threads: PREEMPT_RT by its version, others by `threadirqs`.
enum ForcedThreads {
    /// True if the kernel that `procRoot` is of does so; false too where nothing tells.
    static func areOn(procRoot: String) -> Bool {
        for file in ["sys/kernel/version", "version"] {
            // `#1 SMP PREEMPT_RT Debian 6.12.95-1`; `PREEMPT RT` while it was a set of patches.
            let words = KernelRelease.firstLine("\(procRoot)/\(file)")?.split { !$0.isLetter } ?? []
            if zip(words, words.dropFirst()).contains(where: { $0 == "PREEMPT" && $1 == "RT" }) { return true }
        }
        let options = KernelRelease.firstLine("\(procRoot)/cmdline")?.split(separator: " ") ?? []
        return options.contains("threadirqs")
    }
}
