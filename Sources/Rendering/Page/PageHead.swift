internal import IRQCore

/// The top of a report's page: which box, when, how long.
struct PageHead {
    let report: Report
    let units: Units
    /// False if rows were left out.
    let isWhole: Bool

    /// The title of the page.
    static func title(_ report: Report) -> String {
        if report.parts.count == 1 { return "Interrupts in 1 recording" }
        if !report.parts.isEmpty { return "Interrupts in \(report.parts.count) recordings" }
        return "Interrupts in \(report.source.file)"
    }

    /// Writes heading and facts.
    func write(to output: inout ByteOutput) {
        output.put("<h1>\(PageText.escaped(Self.title(report)))</h1>\n<dl class=\"facts\">\n")
        if report.parts.isEmpty {
            if let machine = report.source.machine { fact("Machine", machine, to: &output) }
            fact("CPUs", "\(report.source.cpuCount)", to: &output)
            if let window { fact("Time", window, to: &output) }
            fact("Recording", origin(report.source), to: &output)
        } else {
            fact("Time", units.duration(report.windowNanoseconds) + " together", to: &output)
            for part in report.parts {
                let machine = part.source.machine.map { ", " + $0 } ?? ""
                fact(
                    part.source.file, units.duration(part.windowNanoseconds) + ", " + origin(part.source) + machine,
                    to: &output)
            }
        }
        if !isWhole { fact("Shown", "a selection: the rows that --irq or --filter choose", to: &output) }
        output.put("</dl>\n")
    }

    private func fact(_ name: String, _ value: String, to output: inout ByteOutput) {
        output.put("<dt>\(PageText.escaped(name))</dt><dd><bdi>\(PageText.escaped(value))</bdi></dd>\n")
    }

    private var window: String? {
        guard let extent = report.extent else { return "no events" }
        let (start, end) = (extent.lowerBound, extent.upperBound)
        let length = units.duration(report.windowNanoseconds)
        if !units.isTime {
            return
                "\(length) ticks, from \(units.stamp(start)) to \(units.stamp(end)); all durations are ticks of its clock"
        }
        return "\(length), from \(units.stamp(start)) to \(units.stamp(end)) s"
            + (report.source.clock.map { " of its clock \"\($0)\"" } ?? " of its clock")
    }

    private func origin(_ source: RecordingSource) -> String {
        var parts = [source.format + (source.version.map { " version \($0)" } ?? "")]
        if let compression = source.compression { parts.append("packed with \(compression)") }
        if let step = source.resolutionNanoseconds, step > 1 {
            parts.append("times in steps of \(step == 1000 ? "1 µs" : units.duration(step))")
        }
        if source.buffers.count > 1 { parts.append("\(source.buffers.count) buffers") }
        return parts.joined(separator: ", ")
    }
}
