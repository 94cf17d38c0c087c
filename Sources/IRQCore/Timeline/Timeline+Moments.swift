extension TimelineBuilder {
    /// The number of moments of a kind that are shown.
    private static func shownCount(_ kind: Int) -> Int { kind == MomentKind.work.rawValue ? 2 : 3 }

    /// The order of the kinds: wake-ups, the last of the lists, come before work.
    private static let order: [Int] = [
        MomentKind.handler.rawValue, MomentKind.softirq.rawValue, MomentKind.raise.rawValue,
        MomentKind.allCases.count, MomentKind.work.rawValue,
    ]

    /// The slowest moments of each kind; of several of a row that are near each other the slowest.
    func moments() -> [SlowMoment] {
        Self.order.flatMap { kind -> [SlowMoment] in
            var all: [(moment: FoundMoment, places: [Int])] = []
            for buffer in buffers { all += buffer.timeline.moments[kind].map { ($0, buffer.places) } }
            all.sort { a, b in
                let (a, b) = (a.moment, b.moment)
                return (b.duration, a.start, a.cpu) < (a.duration, b.start, b.cpu)
            }
            var shown: [(moment: FoundMoment, places: [Int])] = []
            for (moment, places) in all where shown.count < Self.shownCount(kind) {
                let row = places[Int(moment.row)]
                if !isWanted(row) { continue }
                if shown.contains(where: { $0.places[Int($0.moment.row)] == row && $0.moment.isNear(moment) }) {
                    continue
                }
                shown.append((moment, places))
            }
            return shown.map { slowMoment($0.moment, $0.places) }
        }
    }

    private func slowMoment(_ found: FoundMoment, _ places: [Int]) -> SlowMoment {
        var moment = SlowMoment(
            subject: candidates[places[Int(found.row)]].subject, cpu: found.cpu, startNanoseconds: found.start,
            durationNanoseconds: found.duration, selfNanoseconds: found.selfTime, window: found.window)
        if found.pid >= 0 {
            moment.pid = Int64(found.pid)
            moment.task = found.pid == 0 ? "<idle>" : tasks[found.pid]
        }
        moment.leftOutCount = found.leftOutCount
        // Outer ones first; of spans of the same times the one that ended last is the outer one.
        let order = found.spans.indices.sorted { a, b in
            let (x, y) = (found.spans[a], found.spans[b])
            if x.start != y.start { return x.start < y.start }
            if x.depth != y.depth { return x.depth < y.depth }
            return (y.duration, b) < (x.duration, a)
        }
        var open: [UInt64] = []
        for place in order {
            let span = found.spans[place]
            while let end = open.last, end < span.end || end <= span.start { open.removeLast() }
            moment.spans.append(
                SlowMoment.Span(
                    subject: candidates[places[Int(span.row)]].subject, startNanoseconds: span.start,
                    durationNanoseconds: span.duration, depth: span.depth >= 0 ? Int(span.depth) : open.count))
            open.append(span.end)
        }
        return moment
    }
}
