internal import IRQCore

/// Metric families in the text format (prometheus.io/docs/instrumenting/exposition_formats).
struct Exposition {
    /// The kind of a family.
    enum Kind: String {
        case gauge, counter, histogram
    }

    /// The labels of a series, in their order.
    typealias Labels = [(name: String, value: String)]

    private(set) var text = ""

    /// Adds a family with a series for each row that has a value; nothing if none has.
    mutating func family<Row>(
        _ name: String, _ help: String, _ rows: [Row], is kind: Kind = .gauge,
        labels: (Row) -> Labels = { _ in [] }, _ value: (Row) -> Cell?
    ) {
        begin(name, help, kind, rows) { row, lines in
            guard let cell = value(row) else { return }
            Self.line(name, Self.list(labels(row)), cell.prometheus, &lines)
        }
    }

    /// Adds a family of times that were added up, exact to the nanosecond.
    mutating func seconds<Row>(
        _ name: String, _ help: String, _ rows: [Row], labels: (Row) -> Labels = { _ in [] },
        _ nanoseconds: (Row) -> UInt64
    ) {
        begin(name, help, .counter, rows) { row, lines in
            Self.line(name, Self.list(labels(row)), Self.seconds(nanoseconds(row)), &lines)
        }
    }

    /// Adds a family of histograms, one a row.
    mutating func histogram<Row>(
        _ name: String, _ help: String, _ rows: [Row], labels: (Row) -> Labels, _ durations: (Row) -> DurationBuckets
    ) {
        begin(name, help, .histogram, rows) { row, lines in
            let (list, durations) = (Self.list(labels(row)), durations(row))
            var sum: UInt64 = 0
            for (place, count) in durations.counts.enumerated() {
                sum &+= count
                let limit = place < Self.limits.count ? Self.limits[place] : "+Inf"
                Self.line("\(name)_bucket", (list.isEmpty ? "" : list + ",") + "le=\"\(limit)\"", "\(sum)", &lines)
            }
            Self.line("\(name)_sum", list, Self.seconds(durations.totalNanoseconds), &lines)
            Self.line("\(name)_count", list, "\(sum)", &lines)
        }
    }

    /// The limits of buckets as Prometheus' own libraries write them: text is all that a label is.
    private static let limits = DurationBuckets.limitsNanoseconds.map { nanoseconds in
        // Below 0.1 ms they have an exponent.
        if nanoseconds >= 100_000 { return seconds(nanoseconds) }
        var (digits, exponent) = (nanoseconds, -9)
        while digits % 10 == 0 { (digits, exponent) = (digits / 10, exponent + 1) }
        let text = "\(digits)"
        exponent += text.utf8.count - 1
        let mantissa = text.prefix(1) + (text.utf8.count > 1 ? "." : "") + text.dropFirst()
        return "\(mantissa)e-0\(-exponent)"
    }

    // MARK: Parts

    private mutating func begin<Row>(
        _ name: String, _ help: String, _ kind: Kind, _ rows: [Row], _ write: (Row, inout String) -> Void
    ) {
        var lines = ""
        for row in rows { write(row, &lines) }
        if !lines.isEmpty { text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" + lines }
    }

    private static func line(_ name: String, _ labels: String, _ value: String, _ lines: inout String) {
        lines += name + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n"
    }

    private static func list(_ labels: Labels) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
    }

    /// Nanoseconds as seconds, all digits.
    static func seconds(_ nanoseconds: UInt64) -> String {
        let (whole, part) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        var digits = String(part)
        digits = String(repeating: "0", count: 9 - digits.utf8.count) + digits
        while digits.last == "0" { digits.removeLast() }
        return digits.isEmpty ? "\(whole)" : "\(whole).\(digits)"
    }

    /// Backslash, quote and line end have escapes; other control characters are made visible first.
    private static func escaped(_ value: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in SafeText.escaped(value).unicodeScalars {
            if scalar == "\\" || scalar == "\"" { result.append("\\") }
            result.append(scalar)
        }
        return String(result)
    }
}
