internal import IRQCore

/// The beginnings of files of results, by which they are told from files of others.
public enum ResultMark {
    /// True if a file that begins so is a report in any of its formats.
    public static func isReport(_ begin: [UInt8]) -> Bool {
        if begin.starts(with: ReportHTML.magic) || begin.starts(with: reportStart) { return true }
        let lines = lines(begin)
        let title = lines.first.map { $0.split(separator: ",", omittingEmptySubsequences: false) } ?? []
        return ReportCSV.titles.contains { title.starts(with: $0) } || isHead(lines)
    }

    /// True if a file that begins so is a comparison in any of its formats.
    public static func isComparison(_ begin: [UInt8]) -> Bool {
        if begin.starts(with: ReportHTML.magic) || begin.starts(with: comparisonStart) { return true }
        let lines = lines(begin)
        guard lines.count > 1 else { return false }
        return lines[0].hasPrefix("A  ") && lines[1].hasPrefix("B  ")
            || lines[0].hasPrefix(DiffColumns.flat.list.prefix(5).map(\.csvKey).joined(separator: ",") + ",")
    }

    private static let reportStart = Array(#"{"schema":"irqscope.report.v"#.utf8)
    private static let comparisonStart = Array(#"{"schema":"irqscope.diff.v"#.utf8)

    /// The first two lines without colours.
    private static func lines(_ begin: [UInt8]) -> [Substring] {
        let text = Style.plain(String(decoding: begin, as: UTF8.self))
        return text.split(maxSplits: 2, omittingEmptySubsequences: false, whereSeparator: \.isNewline).prefix(2)
            .map { $0 }
    }

    /// The head of a report in text: "trace.dat v7 · …, "2 recordings · 3.76 s together"; or its metrics.
    private static func isHead(_ lines: [Substring]) -> Bool {
        guard let first = lines.first else { return false }
        if first.hasPrefix("# HELP irqscope_sampled_") { return true }
        let parts = first.split(separator: first.contains(" · ") ? " · " : ", ")
        guard parts.count > 1 else { return false }
        if parts[1].hasSuffix(" together") {
            let words = parts[0].split(separator: " ")
            return words.count == 2 && Int(words[0]) != nil && words[1].hasPrefix("recording")
        }
        let hasCPUs = parts.dropFirst().contains { part in
            let words = part.split(separator: " ")
            return words.count == 2 && Int(words[0]) != nil && (words[1] == "CPU" || words[1] == "CPUs")
        }
        return hasCPUs && formats.contains { parts[0] == $0 || parts[0].hasPrefix($0 + " v") }
    }

    /// The names of formats with which a report begins.
    private static let formats = ["trace.dat", "perf.data", "ftrace", "perf script", "perfetto", "babeltrace"]
}
