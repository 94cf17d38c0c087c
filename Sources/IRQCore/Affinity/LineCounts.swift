/// The counts of some lines and softirqs, from the texts of /proc/interrupts and /proc/softirqs.
///
/// For looks some times a second at a few rows of a table that may have thousands: other rows are skipped.
struct LineCounts {
    /// The counts of each wanted row by CPU.
    private(set) var rows: [String: [Int: UInt64]] = [:]

    /// Reads the rows with these labels.
    init(_ text: [UInt8], labels: Set<String>) {
        var cpus: [Int] = []
        for (index, line) in text.split(separator: 0x0A).enumerated() {
            if index == 0 {
                cpus = line.split(separator: 0x20).compactMap { word in
                    word.starts(with: "CPU".utf8) ? Int(String(decoding: word.dropFirst(3), as: UTF8.self)) : nil
                }
                continue
            }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
            let label = String(decoding: line[..<colon].drop { $0 == 0x20 }, as: UTF8.self)
            guard labels.contains(label) else { continue }
            var counts: [Int: UInt64] = [:]
            let words = line[(colon + 1)...].split(separator: 0x20, maxSplits: cpus.count)
            for (cpu, word) in zip(cpus, words) {
                guard let count = UInt64(String(decoding: word, as: UTF8.self)) else { break }
                counts[cpu] = count
            }
            rows[label] = counts
        }
    }

    /// The numbers by which a row's counts grew since others a second or some before, by CPU; those that did not are left out.
    func growth(_ label: String, since old: LineCounts) -> [Int: UInt64] {
        var result: [Int: UInt64] = [:]
        for (cpu, count) in rows[label] ?? [:] {
            let before = old.rows[label]?[cpu] ?? 0
            let grown = CounterIntervals.difference(count, before, intervalNanoseconds: 60_000_000_000)
            if let grown, grown > 0 { result[cpu] = grown }
        }
        return result
    }
}
