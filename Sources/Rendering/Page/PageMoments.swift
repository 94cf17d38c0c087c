internal import IRQCore

/// The section of the slowest moments: what ran around each.
struct PageMoments {
    let report: Report
    let time: PageTime
    let units: Units

    /// Spans that the list below a picture has, the longest ones.
    private static let listLimit = 40

    /// Writes the section.
    func write(to output: inout ByteOutput) {
        let moments = time.timeline.moments
        output.put("<h2 id=\"moments\">The slowest moments</h2>\n")
        if moments.isEmpty { output.put("<p>No call, run or wait ended in this recording.</p>\n") }
        for (place, moment) in moments.enumerated() { write(moment, place, to: &output) }
    }

    private func write(_ moment: SlowMoment, _ place: Int, to output: inout ByteOutput) {
        let isWait = PageSubject.isWait(moment.subject)
        let label = PageSubject(report: report).label(moment.subject)
        output.put("<div class=\"moment\"><h3 id=\"moment-\(place)\">\(units.duration(moment.durationNanoseconds)): ")
        output.put("<bdi>\(PageText.escaped(label))</bdi>\(isWait ? Self.waited(moment.subject) : "")</h3>\n")
        output.put("<p class=\"small\">\(PageText.escaped(story(moment)))</p>\n")
        picture(moment).write(to: &output)
        writeList(moment, to: &output)
        output.put("</div>\n")
    }

    private static func waited(_ subject: HeatMap.Subject) -> String {
        switch subject {
        case .wake: " waited for a CPU after it was woken"
        case .row(_, .queueLatency): " waited in its queue"
        default: " waited after it was raised"
        }
    }

    private func picture(_ moment: SlowMoment) -> MomentPicture {
        MomentPicture(moment: moment, report: report, units: units, gaps: time.timeline.gaps)
    }

    // MARK: Words

    /// When and where it was, who was interrupted, and what followed.
    private func story(_ moment: SlowMoment) -> String {
        let start = time.words(moment.startNanoseconds)
        var text = "At \(start) (\(units.stamp(moment.startNanoseconds)) s) on CPU \(moment.cpu)."
        let own = units.duration(moment.selfNanoseconds)
        if own != units.duration(moment.durationNanoseconds) {
            text += " Its own time was \(own); the rest is what interrupted it."
        }
        if let pid = moment.pid {
            let task = LateColumns.task(moment.task ?? "the task", pid)
            switch moment.subject {
            case .row(let row, .duration):
                text += row.kind == .work ? " It ran in \(task)." : " It interrupted \(task)."
            default: text += " \(task) had the CPU."
            }
        }
        let end = moment.startNanoseconds &+ moment.durationNanoseconds
        let next = moment.spans.filter { $0.startNanoseconds >= end && $0.depth == 0 }.prefix(3)
        if !next.isEmpty {
            text += " Then came " + next.map(picture(moment).words).joined(separator: ", ") + "."
        }
        if moment.leftOutCount > 0 {
            text += " Of what ran there, \(moment.leftOutCount) further spans are not drawn."
        }
        return text
    }

    // MARK: List

    private func writeList(_ moment: SlowMoment, to output: inout ByteOutput) {
        if moment.spans.isEmpty { return }
        var shown = moment.spans
        if shown.count > Self.listLimit {
            let least = shown.map(\.durationNanoseconds).sorted(by: >)[Self.listLimit - 1]
            shown = Array(shown.filter { $0.durationNanoseconds >= least }.prefix(Self.listLimit))
        }
        let left = moment.spans.count - shown.count + moment.leftOutCount
        output.put(
            "<details><summary>What ran, as a list</summary>\n<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>")
        output.put(
            "<th scope=\"col\">BEGAN</th><th scope=\"col\">TOOK</th><th scope=\"col\" class=\"l\">WHAT</th></tr></thead><tbody>\n"
        )
        for span in shown {
            output.put("<tr><td>\(began(span, moment))</td><td>\(units.duration(span.durationNanoseconds))</td>")
            let indent = String(repeating: "\u{2003}", count: min(span.depth, 8))
            let name = PageText.escaped(PageSubject(report: report).label(span.subject))
            output.put(
                "<td class=\"l\">\(indent)\(MomentPicture.isSlow(span, moment) ? "<b>\(name)</b>" : name)</td></tr>\n")
        }
        output.put("</tbody></table></div>\n")
        if left > 0 { output.put("<p class=\"small soft\">\(left) shorter ones are left out.</p>\n") }
        output.put("</details>\n")
    }

    /// "-12.3 µs", "+1.2 ms": a begin as the time from the begin of the slow one.
    private func began(_ span: SlowMoment.Span, _ moment: SlowMoment) -> String {
        let (its, slow) = (span.startNanoseconds, moment.startNanoseconds)
        return its < slow ? "−\(units.duration(slow - its))" : "+\(units.duration(its - slow))"
    }
}
