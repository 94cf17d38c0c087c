import Foundation
public import IRQCore

/// A model box at work: counts that go on, and the texts in which the kernel tells them.
public final class SimulatedBox {
    public let kind: BoxKind
    var chance: Chance
    /// The times of the box.
    public private(set) var time = BoxTime(boot: 0, awake: 0, wall: 1_767_225_600_000_000_000)
    /// The minutes of the year that have passed.
    public private(set) var minute = 0
    public private(set) var bootCount = 0
    public private(set) var online: [Int]
    private var partSeconds = 0.0
    /// The minute from which on the sickness holds.
    public var sickFrom = Int.max

    /// True counts since boot, line by line and CPU by CPU.
    private(set) var counts: [[UInt64]]
    private(set) var softirqs: [[UInt64]]
    private(set) var architecture: [[UInt64]]
    private(set) var spurious: [SpuriousCounts]
    private(set) var threadNanoseconds: [UInt64]
    private(set) var (disks, links): ([String: Double], [String: Double]) = ([:], [:])
    private(set) var ticks: [[Double]]
    private(set) var (dropped, squeezed): ([UInt32], [UInt32])
    private(set) var ksoftirqd: [Double]
    private(set) var errors: [String: UInt64] = [:]
    private(set) var places: [Int]
    private var offlineUntil = 0
    /// The course of each group: its noise, and its bursts that are under way.
    private var courses: [String: Course] = [:]

    private struct Course {
        var noise = 0.0
        var bursts: [(until: Int, perSecond: Double)] = []
    }

    /// The rows of the architecture: label, words, how often on each CPU.
    static let architecture: [(label: String, words: String, perSecond: Double)] = [
        ("NMI", "Non-maskable interrupts", 0.1), ("LOC", "Local timer interrupts", 150),
        ("PMI", "Performance monitoring interrupts", 0.1), ("RES", "Rescheduling interrupts", 40),
        ("CAL", "Function call interrupts", 20), ("TLB", "TLB shootdowns", 3), ("MCP", "Machine check polls", 0.0033),
    ]
    static let errorRows = ["SPU", "MCE", "ERR", "MIS"]

    public init(_ kind: BoxKind, seed: UInt64) {
        self.kind = kind
        chance = Chance(seed: seed)
        online = Array(0..<kind.cpuCount)
        let zeros = [UInt64](repeating: 0, count: kind.cpuCount)
        counts = kind.lines.map { _ in zeros }
        softirqs = SoftirqNames.all.map { _ in zeros }
        architecture = Self.architecture.map { _ in zeros }
        spurious = kind.lines.map { _ in SpuriousCounts(count: 0, unhandled: 0, lastUnhandledMilliseconds: 0) }
        threadNanoseconds = kind.lines.map { _ in 0 }
        ticks = zeros.map { _ in [Double](repeating: 0, count: 8) }
        (dropped, squeezed) = (zeros.map { _ in 0 }, zeros.map { _ in 0 })
        ksoftirqd = zeros.map { _ in 0 }
        places = kind.lines.map(\.cpu)
        boot()
    }

    /// The box starts: counts begin near zero, or shortly before they wrap.
    private func boot() {
        bootCount += 1
        (time.boot, time.awake) = (30_000_000_000, 30_000_000_000)
        online = Array(0..<kind.cpuCount)
        for index in counts.indices {
            for cpu in 0..<kind.cpuCount { counts[index][cpu] = 0 }
            // A count that has been about for long: 2³² is passed soon, and again and again at high rates.
            counts[index][places[index]] = index % 3 == 0 ? (1 << 32) - UInt64(chance.below(1 << 24)) : 1_000
            spurious[index] = SpuriousCounts(count: 0, unhandled: 0, lastUnhandledMilliseconds: 0)
            threadNanoseconds[index] = 0
        }
        for row in softirqs.indices { for cpu in 0..<kind.cpuCount { softirqs[row][cpu] = UInt64(chance.below(1 << 32)) } }
        for row in architecture.indices { for cpu in 0..<kind.cpuCount { architecture[row][cpu] = UInt64(chance.below(1 << 32)) } }
        for cpu in 0..<kind.cpuCount {
            ticks[cpu] = [1000, 0, 1000, 10_000, 0, 100, 100, 0]
            ksoftirqd[cpu] = 0
            (dropped[cpu], squeezed[cpu]) = (UInt32(chance.below(1 << 31)), UInt32.max - 5)
        }
        errors = [:]
    }

    public var bootID: String { "boot-\(bootCount)" }

    // MARK: A minute

    /// A minute passes, asleep or with a boot before it where the model says so.
    public func pass() {
        minute += 1
        if chance.happens(kind.bootsPerYear / 525_600) {
            advanceClock(seconds: 90)
            boot()
        }
        if kind.sleepsPerDay > 0, chance.happens(kind.sleepsPerDay / 1440) {
            let seconds = chance.exponential(kind.sleepHours * 3600)
            time.boot += UInt64(seconds * 1e9)
            time.wall += UInt64(seconds * 1e9)
            minute += Int(seconds / 60)
        }
        plug()
        drawRates()
        let rest = 60 - partSeconds
        partSeconds = 0
        work(seconds: rest)
        advanceClock(seconds: rest)
    }

    /// A part of the sample behind a minute passes: it belongs to the next one.
    public func passPart() {
        work(seconds: 0.2, isPart: true)
        partRates.removeLast()
        advanceClock(seconds: 0.2)
        partSeconds += 0.2
    }

    private func advanceClock(seconds: Double) {
        let nanoseconds = UInt64(seconds * 1e9)
        time = BoxTime(boot: time.boot + nanoseconds, awake: time.awake + nanoseconds, wall: time.wall + nanoseconds)
    }

    /// A CPU goes or comes.
    private func plug() {
        if kind.offlinesPerDay > 0 {
            if online.count < kind.cpuCount, minute >= offlineUntil { online = Array(0..<kind.cpuCount) }
            if online.count == kind.cpuCount, chance.happens(kind.offlinesPerDay / 1440) {
                let gone = 1 + chance.below(kind.cpuCount - 1)
                online.removeAll { $0 == gone }
                offlineUntil = minute + 1 + Int(chance.exponential(10))
                for index in places.indices where places[index] == gone { places[index] = online[chance.below(online.count)] }
            }
        }
    }

    // MARK: Rates

    /// The rates of this minute, line by line, and what is added without anything behind it.
    private(set) var rates: [Double] = []
    private(set) var unworked: [Double] = []

    private var isSick: Bool { minute >= sickFrom && kind.sickness != nil }

    private func drawRates() {
        let hour = Double(minute % 1440) / 60
        // Lowest at four in the morning.
        let light = 0.5 - 0.5 * cos((hour - 4) / 24 * 2 * .pi)
        var drawn: [String: Double] = [:]
        rates.removeAll(keepingCapacity: true)
        unworked.removeAll(keepingCapacity: true)
        for line in kind.lines {
            let model = line.rate
            let rate = drawn[line.group] ?? course(line.group, model, hour: Int(hour), light)
            drawn[line.group] = rate
            // The queues of a device are not alike, but stay so.
            let share = 1 + 0.3 * sin(Double(line.irq) * 12.9)
            var own = line.life.contains(minute) ? rate * share : 0
            var extra = 0.0
            if isSick {
                switch kind.sickness?.kind {
                case .storm(line.irq, let perSecond)?: extra = perSecond
                case .unhandled(line.irq, _, let perSecond)?: extra = perSecond
                case .oneCPU(line.group, let perSecond)?: own = perSecond
                default: break
                }
            }
            rates.append(own)
            unworked.append(extra)
        }
    }

    private func course(_ group: String, _ model: RateModel, hour: Int, _ light: Double) -> Double {
        var course = courses[group] ?? Course()
        course.noise =
            course.noise * model.memory
            + model.noise * (1 - model.memory * model.memory).squareRoot() * chance.normal()
        for bursts in model.bursts where bursts.hours.contains(hour) {
            if chance.happens(bursts.perDay / Double(bursts.hours.count * 60)) {
                let rate = bursts.perSecond * exp(bursts.noise * chance.normal())
                course.bursts.append((minute + 1 + Int(chance.exponential(bursts.minutes)), rate))
            }
        }
        course.bursts.removeAll { minute >= $0.until }
        courses[group] = course
        let base = exp(log(max(model.night, 1e-9)) + light * (log(max(model.day, 1e-9)) - log(max(model.night, 1e-9))))
        return base * exp(course.noise) + course.bursts.reduce(0) { $0 + $1.perSecond }
    }

    // MARK: Counting

    /// Draws the rates of the parts of a sample, and returns the highest of them.
    public func drawParts(_ count: Int) -> Double {
        partRates = []
        var highest = 0.0
        for _ in 0..<count {
            var drawn: [String: Double] = [:]
            var part: [Double] = []
            for (index, line) in kind.lines.enumerated() {
                // The queues of a device have their bursts together.
                let factor =
                    drawn[line.group] ?? exp(line.rate.unevenness * chance.normal() - line.rate.unevenness * line.rate.unevenness / 2)
                drawn[line.group] = factor
                part.append(rates[index] * factor)
                highest = max(highest, rates[index] * factor + unworked[index])
            }
            partRates.append(part)
        }
        return highest
    }
    private var partRates: [[Double]] = []

    /// Works for a while at the rates of the minute.
    public func work(seconds: Double, isPart: Bool = false) {
        var irqSeconds = [Double](repeating: 0, count: kind.cpuCount)
        var softSeconds = irqSeconds
        // irqbalance has its turn every ten seconds.
        let turns = kind.movesPerTurn > 0 && !isPart ? max(1, Int(seconds / 10)) : 1
        for _ in 0..<turns {
            if turns > 1 { for index in kind.lines.indices where chance.happens(kind.movesPerTurn) { move(index) } }
            for index in kind.lines.indices {
                take(index, kind.lines[index], seconds: seconds / Double(turns), isPart, &irqSeconds, &softSeconds)
            }
        }
        for cpu in online { pass(cpu, seconds, irqSeconds[cpu], softSeconds[cpu]) }
        if !isPart { happen() }
    }

    private func take(
        _ index: Int, _ line: ModelLine, seconds: Double, _ isPart: Bool, _ irqSeconds: inout [Double], _ softSeconds: inout [Double]
    ) {
        let rate = isPart ? partRates.last?[index] ?? rates[index] : rates[index]
        let worked = chance.poisson(rate * seconds)
        let extra = chance.poisson(unworked[index] * seconds)
        var cpu = places[index]
        if isSick {
            switch kind.sickness?.kind {
            case .oneCPU(line.group, _)?: cpu = line.cpu / kind.cpuCount
            case .outside(line.irq)?: cpu = (line.cpu + 1) % kind.cpuCount
            default: break
            }
        }
        if !online.contains(cpu) { cpu = online[0] }
        counts[index][cpu] += worked + extra
        irqSeconds[cpu] += Double(worked + extra) * line.handlerNanoseconds / 1e9
        let following = line.following
        func add(_ name: String, _ each: Double) {
            guard each > 0, let row = SoftirqNames.all.firstIndex(of: name) else { return }
            let count = chance.poisson(Double(worked) * each)
            softirqs[row][cpu] += count
            softSeconds[cpu] += Double(count) * kind.softirqNanoseconds / 1e9
        }
        add("NET_RX", following.netRX)
        add("BLOCK", following.block)
        add("TASKLET", following.tasklet)
        if let link = line.link { links[link, default: 0] += Double(worked) * following.packets }
        if let disk = line.disk { disks[disk, default: 0] += Double(worked) * following.requests }
        if let each = following.threadNanoseconds { threadNanoseconds[index] += UInt64(Double(worked) * each) }
        note(index, line, worked, extra, seconds)
    }

    /// The kernel's count of what nobody claims, as `note_interrupt` keeps it.
    private func note(_ index: Int, _ line: ModelLine, _ worked: UInt64, _ extra: UInt64, _ seconds: Double) {
        var share = line.unhandledShare
        if isSick, case .unhandled(line.irq, let sick, _)? = kind.sickness?.kind { share = sick }
        let all = worked + extra
        let unhandled = chance.poisson(Double(all) * share)
        guard unhandled > 0 || spurious[index].unhandled > 0 else { return }
        // Those that come a tenth of a second after the last one, or later, begin anew.
        let isDense = Double(unhandled) / seconds > 10
        spurious[index].count += all
        spurious[index].unhandled = isDense ? spurious[index].unhandled + unhandled : min(unhandled + spurious[index].unhandled, 1)
        if unhandled > 0 { spurious[index].lastUnhandledMilliseconds = time.awake / 1_000_000 }
        if spurious[index].count >= SpuriousCounts.judgedCount {
            spurious[index].count %= SpuriousCounts.judgedCount
            spurious[index].unhandled = 0
        }
    }

    /// irqbalance moves a line: two queues of a device change places, so that they stay apart; another line goes anywhere.
    private func move(_ index: Int) {
        let queues = kind.lines.indices.filter { $0 != index && kind.lines[$0].group == kind.lines[index].group }
        if queues.isEmpty {
            places[index] = chance.below(kind.cpuCount)
        } else {
            places.swapAt(index, queues[chance.below(queues.count)])
        }
    }

    /// Time of a CPU.
    private func pass(_ cpu: Int, _ seconds: Double, _ irqSeconds: Double, _ softSeconds: Double) {
        for (row, entry) in Self.architecture.enumerated() {
            let count = chance.poisson(entry.perSecond * seconds)
            architecture[row][cpu] += count
            // Each of them is one that a counter explains.
            if entry.label == "NMI" { architecture[row + 2][cpu] += count }
        }
        for (name, perSecond) in [("TIMER", 60.0), ("SCHED", 50), ("RCU", 40), ("HRTIMER", 1)] {
            guard let row = SoftirqNames.all.firstIndex(of: name) else { continue }
            softirqs[row][cpu] += chance.poisson(perSecond * seconds)
        }
        let irq = min(irqSeconds / seconds + 150 * 1.5e-6, 1)
        var soft = min(softSeconds / seconds + 0.001, 1 - irq)
        var steal = kind.steal * exp(0.5 * chance.normal())
        if let bursts = kind.stealBursts { steal += stealNow(bursts) }
        if isSick, case .steal(let share)? = kind.sickness?.kind { steal = share }
        var inThread = soft * kind.ksoftirqdShare
        if isSick, cpu == 1 % kind.cpuCount, case .ksoftirqd(let share)? = kind.sickness?.kind { (inThread, soft) = (share, share) }
        ksoftirqd[cpu] += inThread * seconds * 1e9
        steal = min(steal, 1 - irq - min(soft, 1 - irq))
        let user = min(kind.userShare * exp(0.4 * chance.normal()), max(1 - irq - soft - steal, 0))
        let shares = [user * 0.7, 0, user * 0.3, max(1 - user - irq - soft - steal, 0), 0, irq, soft, steal]
        for (place, share) in shares.enumerated() { ticks[cpu][place] += share * seconds * 100 }
    }

    private var stealUntil = 0
    private var stealBurst = 0.0
    private func stealNow(_ bursts: RateModel.Bursts) -> Double {
        if minute < stealUntil { return stealBurst }
        guard chance.happens(bursts.perDay / 1440 / Double(kind.cpuCount)) else { return 0 }
        stealUntil = minute + 1 + Int(chance.exponential(bursts.minutes))
        stealBurst = bursts.perSecond * exp(bursts.noise * chance.normal())
        return stealBurst
    }

    /// The rare things of a minute.
    private func happen() {
        for row in Self.errorRows {
            var perMonth = kind.errorsPerMonth[row] ?? 0
            if isSick, case .errors(row, let sick)? = kind.sickness?.kind { perMonth = sick }
            if perMonth > 0 { errors[row, default: 0] += chance.poisson(perMonth / 43_200) }
        }
        if chance.happens(kind.dropsPerWeek / 10_080) {
            dropped[chance.below(kind.cpuCount)] &+= UInt32(chance.exponential(kind.dropCount))
        }
        if isSick, case .drops(let perSecond)? = kind.sickness?.kind { dropped[0] &+= UInt32(chance.poisson(perSecond * 60)) }
        if chance.happens(kind.squeezesPerWeek / 10_080) {
            squeezed[chance.below(kind.cpuCount)] &+= UInt32(chance.exponential(kind.squeezeCount))
        }
    }
}
