/// A set of CPUs in hexadecimal words of 32 bits, the highest first: "3,00000001" is 0, 32 and 33.
enum CPUMaskText {
    /// The text that tracing_cpumask takes.
    static func text(_ cpus: some Collection<Int>) -> String {
        let last = cpus.max() ?? 0
        var words = [UInt32](repeating: 0, count: max(last, 0) / 32 + 1)
        for cpu in cpus where cpu >= 0 { words[cpu / 32] |= 1 << UInt32(cpu % 32) }
        return words.reversed().map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined(separator: ",")
    }
}
