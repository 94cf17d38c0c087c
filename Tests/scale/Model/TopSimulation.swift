internal import IRQCore
internal import Rendering

/// `top` for any time on a simulated clock: a box whose rows, CPUs and counts change, sampled, marked and drawn as `top` does
/// it, and compared with the model at each step.
public final class TopSimulation {
    /// The differences from the model, the first ones.
    public private(set) var differences: [String] = []
    public private(set) var differenceCount = 0
    public private(set) var stepCount = 0
    /// The things that happened, by name.
    public private(set) var happened: [String: Int] = [:]
    /// The sum of all differences of counts that were known.
    public private(set) var countedInterrupts: UInt64 = 0
    /// The highest rate of a row that was shown, and the highest of the model.
    public private(set) var (highestRate, highestModelRate) = (0.0, 0.0)
    public private(set) var screenCount = 0

    private struct Row {
        var label: Int
        var device: Int
        var perSecond: Double
        var counts: [UInt64]
        var past: [Float] = []
        var text: String { "PCI-MSIX-0000:\(label % 10):00.0 \(label)-edge dev\(device)-\(label)" }
        var id: Int { label << 32 | device }
    }

    /// The rows and CPUs of the last sample that could be read: what the next one is compared with.
    private struct Sample {
        var rows: [Int: Row] = [:]
        var cpus: [Int] = []
        var awake: UInt64 = 0
    }

    private let cpuCount: Int
    private var chance: Chance
    private var rows: [Row]
    private var online: [Int]
    private var offlineUntil = 0
    private var awake: UInt64 = 1_000_000_000
    private var before: Sample?
    private var live = Box()
    private var frame = TopScreen(facts: TopFacts(kernel: "6.18.0", clock: "12:34:56"))
    private var state = TopState()
    private var screen = Screen(isUnicode: true)
    private var size = (rows: 40, columns: 120)
    private var (interrupts, softirqs, stat) = (TableText(), TableText(), TableText())
    private var softirqCounts: [[UInt64]]
    private var softirqsBefore: [[UInt64]]?
    private var ticks: [[UInt64]]
    private var nextDevice = 0

    private static let keys = [
        "Up", "Down", "PgDn", "PgUp", "Home", "End", "Tab", "Enter", "Esc", "i", "c", "r", "<", ">", "x", "F6", "Left", "Right",
    ]
    .compactMap { TopKey(name: $0) }

    public init(cpus: Int = 16, rows rowCount: Int = 60, seed: UInt64) {
        cpuCount = cpus
        chance = Chance(seed: seed)
        online = Array(0..<cpus)
        rows = []
        softirqsBefore = nil
        softirqCounts = SoftirqNames.all.map { _ in (0..<cpus).map { UInt64(UInt32.max) - UInt64($0) } }
        ticks = (0..<cpus).map { _ in [1000, 0, 1000, 1000, 0, 100, 100, 0] }
        for number in 0..<rowCount { rows.append(makeRow(24 + 2 * number)) }
    }

    private func makeRow(_ label: Int) -> Row {
        nextDevice += 1
        let perSecond = chance.happens(0.1) ? 200_000 * chance.unit() : chance.happens(0.4) ? 0 : 1_000 * chance.unit()
        // Counts that were not shown yet are near 2³²: they wrap soon.
        let counts = (0..<cpuCount).map { _ in
            chance.happens(0.5) ? (1 << 32) - UInt64(chance.below(1_000_000)) : UInt64(chance.below(1_000))
        }
        return Row(label: label, device: nextDevice, perSecond: perSecond, counts: counts)
    }

    private func note(_ word: String) { happened[word, default: 0] += 1 }

    private func check(_ isRight: Bool, _ words: @autoclosure () -> String) {
        if isRight { return }
        differenceCount += 1
        if differences.count < 20 { differences.append("step \(stepCount): \(words())") }
    }

    // MARK: A step

    /// A tenth of a second or so passes, and a screen is drawn.
    public func step() throws {
        stepCount += 1
        var milliseconds = 100 + UInt64(chance.below(5))
        if chance.happens(0.0005) {
            milliseconds = 1_000 + UInt64(chance.below(60_000))
            note("a late sample")
        }
        change()
        count(Double(milliseconds) / 1e3)
        awake += milliseconds * 1_000_000
        let isTorn = chance.happens(0.001)
        if isTorn {
            note("a sample that cannot be read")
            check((try? take(isTorn: true)) == nil, "a text without a row was taken")
            for row in 0..<live.interrupts.sample.table.rowCount {
                check(!live.interrupts.interval(row).isKnown, "row \(row) is known after a sample that failed")
            }
        } else {
            try take(isTorn: false)
            learn()
            compare()
        }
        draw()
    }

    /// Rows and CPUs come and go.
    private func change() {
        if chance.happens(0.02) {
            let label = 24 + chance.below(200)
            if let place = rows.firstIndex(where: { $0.label == label }) {
                if chance.happens(0.5) {
                    rows.remove(at: place)
                    note("a row goes")
                } else {
                    rows[place] = makeRow(label)
                    note("another device at a row")
                }
            } else {
                let place = rows.firstIndex { $0.label > label } ?? rows.count
                rows.insert(makeRow(label), at: place)
                note("a row comes")
            }
        }
        if chance.happens(0.002), let place = rows.indices.randomElement(using: &chance.generator) {
            // Far from 2³²: near it nobody can tell a wrap.
            if rows[place].counts.contains(where: { $0 & 0xFFFF_FFFF > 1 }),
                !rows[place].counts.contains(where: { $0 & 0xFFFF_FFFF > 0xF000_0000 })
            {
                rows[place].counts = rows[place].counts.map { _ in 0 }
                note("counts begin anew")
            }
        }
        if online.count < cpuCount, stepCount >= offlineUntil {
            online = Array(0..<cpuCount)
            note("CPUs come back")
        } else if online.count == cpuCount, chance.happens(0.002) {
            let goneCount = 1 + chance.below(cpuCount / 2)
            for _ in 0..<goneCount { online.remove(at: 1 + chance.below(online.count - 1)) }
            offlineUntil = stepCount + 1 + chance.below(500)
            note("CPUs go")
        }
    }

    private func count(_ seconds: Double) {
        for place in rows.indices {
            let rate = rows[place].perSecond * (0.5 + chance.unit())
            var rest = chance.poisson(rate * seconds)
            highestModelRate = max(highestModelRate, Double(rest) / seconds)
            // Most come to one CPU, some elsewhere.
            let other = online[chance.below(online.count)]
            let part = rest / 10
            rows[place].counts[other] += part
            rest -= part
            rows[place].counts[online[rows[place].label % online.count]] += rest
        }
        for row in softirqCounts.indices { for cpu in online { softirqCounts[row][cpu] += chance.poisson(100 * seconds) } }
        for cpu in online {
            let all = UInt64(seconds * 100)
            ticks[cpu][5] += all / 10
            ticks[cpu][3] += all - all / 10
        }
    }

    private func take(isTorn: Bool) throws {
        interrupts.begin(isTorn ? [] : online)
        if isTorn { interrupts.begin() }
        for row in rows where !isTorn {
            interrupts.put("\(row.label):")
            for cpu in online { interrupts.put(row.counts[cpu] & 0xFFFF_FFFF) }
            interrupts.put("  \(row.text)")
            interrupts.newLine()
        }
        softirqs.begin(online)
        for (name, counts) in zip(SoftirqNames.all, softirqCounts) {
            softirqs.put("\(name):")
            for cpu in online { softirqs.put(counts[cpu] & 0xFFFF_FFFF) }
            softirqs.newLine()
        }
        stat.begin()
        stat.put("cpu ")
        for place in 0..<8 { stat.put(ticks.reduce(0) { $0 + $1[place] }) }
        stat.newLine()
        for cpu in online {
            stat.put("cpu\(cpu)")
            for place in 0..<8 { stat.put(ticks[cpu][place]) }
            stat.newLine()
        }
        let now = awake
        let (first, second) = (interrupts.bytes, softirqs.bytes)
        try live.takeInterrupts { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (now, now)
            try sample.parse(first.span.bytes)
        }
        try live.takeSoftirqs { (sample: inout CounterSample) throws(ProcTextError) in
            (sample.startNanoseconds, sample.endNanoseconds) = (now, now)
            try sample.parse(second.span.bytes)
        }
        let third = stat.bytes
        try live.takeTimes(third.span.bytes)
        live.time = BoxTime(boot: now, awake: now, wall: now)
    }

    /// What `LiveSource` does with rows that are new, and the marks.
    private func learn() {
        let count = live.interrupts.sample.table.rowCount
        if live.marks.count != count { live.marks = [RowMarks](repeating: [], count: count) }
        for row in 0..<count {
            if live.isUnknown(row) {
                live.learn(row) { details in
                    details.affinity = CPUSet(Array(0..<4))
                    details.devices = [Device(address: "0000:00:0\(row % 10).0", bus: "pci", driver: "drv", name: "dev\(row)")]
                    return true
                }
                live.marks[row] = []
            } else {
                live.mark(row)
            }
        }
    }

    // MARK: Comparing

    private func compare() {
        let seconds = before.map { Double(awake - $0.awake) / 1e9 }
        check(live.interrupts.sample.table.rowCount == rows.count, "\(live.interrupts.sample.table.rowCount) rows, not \(rows.count)")
        let wasOnline = Set(before?.cpus ?? [])
        var total: UInt64 = 0
        var columns = [UInt64](repeating: 0, count: online.count)
        var sample = Sample(cpus: online, awake: awake)
        for place in rows.indices where place < live.interrupts.sample.table.rowCount {
            let found = live.interrupts.interval(place)
            let old = before?.rows[rows[place].id]
            var (expected, isReset): (UInt64, Bool) = (0, false)
            if let old {
                for cpu in online where wasOnline.contains(cpu) {
                    if rows[place].counts[cpu] < old.counts[cpu] { isReset = true }
                }
            }
            let isKnown = old != nil && !isReset
            check(found.state == (old == nil ? .new : isReset ? .reset : .steady), "\(rows[place].label) is \(found.state)")
            for (column, cpu) in online.enumerated() {
                let delta = isKnown && wasOnline.contains(cpu) ? rows[place].counts[cpu] - (old?.counts[cpu] ?? 0) : nil
                check(live.interrupts.delta(place, column) == delta, "\(rows[place].label) on CPU \(cpu)")
                expected += delta ?? 0
                columns[column] += delta ?? 0
            }
            check(found.delta == expected, "\(rows[place].label) moved by \(found.delta), not \(expected)")
            total += expected
            var past = old?.past ?? []
            let rate = isKnown ? seconds.map { Float(Double(expected) / $0) } ?? .nan : .nan
            past.append(rate)
            if past.count > 40 { past.removeFirst() }
            rows[place].past = past
            if let shown = isKnown ? live.interrupts.perSecond(found.delta) : nil {
                highestRate = max(highestRate, shown)
                check(
                    seconds.map { abs(shown - Double(expected) / $0) <= 1e-6 * shown } ?? false,
                    "\(rows[place].label) has the rate \(shown)")
            }
            // The past of now and then: it is the most to compare.
            if stepCount % 64 == place % 64 { checkPast(found.slot, past, rows[place].label) }
            sample.rows[rows[place].id] = rows[place]
        }
        check(live.interrupts.totalDelta == total, "all moved by \(live.interrupts.totalDelta), not \(total)")
        countedInterrupts += total
        for (column, cpu) in online.enumerated() {
            let known = before != nil && wasOnline.contains(cpu)
            check(live.interrupts.columnTotal(column) == (known ? columns[column] : nil), "the sum of CPU \(cpu)")
            if let shares = live.cpuTimes.shares(cpu: cpu) {
                check((0...1).contains(shares.irq) && (0...1).contains(shares.idle), "shares of CPU \(cpu): \(shares)")
            }
            if let softirqsBefore, known {
                let moved = softirqCounts.indices.reduce(0) { $0 + softirqCounts[$1][cpu] - softirqsBefore[$1][cpu] }
                check(live.softirqTotal(cpu: cpu) == moved, "softirqs of CPU \(cpu)")
            }
        }
        let here = Set(rows.map(\.id))
        let gone = (before?.rows ?? [:]).filter { !here.contains($0.key) }.map { "\($0.value.label)" }.sorted()
        check((0..<live.interrupts.goneCount).map { live.interrupts.goneLabel($0) }.sorted() == gone, "gone are not \(gone)")
        before = sample
        softirqsBefore = softirqCounts
    }

    private func checkPast(_ slot: Int32, _ past: [Float], _ label: Int) {
        for (age, rate) in past.reversed().enumerated() {
            let shown = live.interrupts.pastRate(slot: slot, age: age)
            let isSame = shown.isNaN && rate.isNaN || abs(shown - rate) <= 1e-4 * max(abs(rate), 1)
            check(isSame, "\(label) had \(rate) \(age) samples ago, not \(shown)")
        }
    }

    // MARK: Drawing

    private func draw() {
        compose()
        // A key is about the rows that the person sees.
        if chance.happens(0.02), let key = Self.keys.randomElement(using: &chance.generator) {
            var next = state
            next.take(key, rowCount: frame.rowCount, pageCount: frame.pageCount) { _ in nil }
            let serial = frame.serial(live, state.view, next.cursor)
            state.take(key, rowCount: frame.rowCount, pageCount: frame.pageCount) { _ in serial }
            (state.isDone, state.isFrozen) = (false, false)
            compose()
        }
        if chance.happens(0.001) { size = (5 + chance.below(80), 20 + chance.below(200)) }
        screenCount += 1
        if stepCount % 5_000 == 0 { checkJSON() }
    }

    private func compose() {
        screen.begin(rowCount: size.rows, columnCount: size.columns)
        frame.draw(live, &state, on: &screen)
    }

    /// No number in the whole of an interval is negative, nor beyond all rates.
    private func checkJSON() {
        var text: [UInt8] = []
        let bytes = Bytes()
        var output = ByteOutput { block in
            for place in 0..<block.byteCount { bytes.all.append(block.unsafeLoad(fromByteOffset: place, as: UInt8.self)) }
            return true
        }
        TopJSON.write(live, RowChoice(live), to: &output)
        output.flush()
        text = bytes.all
        var isNumber = false
        for (place, byte) in text.enumerated() where byte == UInt8(ascii: "-") {
            let next = place + 1 < text.count ? text[place + 1] : 0
            let last = place > 0 ? text[place - 1] : 0
            if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(next), last == UInt8(ascii: ":") || last == UInt8(ascii: ",") {
                isNumber = true
            }
        }
        check(!isNumber, "a negative number in JSON")
        note("JSON looked through")
    }

    private final class Bytes { var all: [UInt8] = [] }
}
