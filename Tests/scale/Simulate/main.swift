import Foundation
import IRQCore
import ScaleModel

// Simulate alert MINUTES [SEED [KIND]]   a run each minute on each kind of healthy box: the false alarms
// Simulate sick RUNS [SEED]              how soon what goes wrong is noticed
// Simulate top STEPS [SEED]              screens at 10 Hz
//
// Prints Markdown, into the file that SCALE_OUT names too. Exits with 1 if a requirement is not met.
let arguments = CommandLine.arguments
let amount = arguments.count > 2 ? Int(arguments[2]) ?? 0 : 0
let seed = arguments.count > 3 ? UInt64(arguments[3]) ?? 1 : 1
var sheet = Sheet()
switch arguments.count > 1 && amount > 0 ? arguments[1] : "" {
case "alert": try alertYear(minutes: amount, seed: seed, name: arguments.count > 4 ? arguments[4] : nil)
case "sick": try noticeSick(runs: amount, seed: seed)
case "top": try topDay(steps: amount, seed: seed)
default:
    print("usage: Simulate alert|sick|top AMOUNT [SEED [KIND]]")
    exit(2)
}
sheet.end()

/// A year of minutes on each kind of healthy box.
@MainActor func alertYear(minutes: Int, seed: UInt64, name: String?) throws {
    sheet.say("`alert --sample 2s` each of \(minutes) simulated minutes, on boxes that are well:\n")
    sheet.say(
        "| kind of box | runs | boots | samples in parts | false alarms | critical | a month | minutes with one | most of them | s | KiB after warm-up, at the end |"
    )
    sheet.say("|---|---:|---:|---:|---:|---:|---:|---:|---|---:|---:|")
    var (worst, models, growth) = ((rate: 0.0, name: ""), [String](), 0)
    for kind in HealthyKinds.all where name == nil || kind.name == name {
        var simulation = AlertSimulation(kind, seed: seed)
        let begin = Date()
        var warm = 0
        while simulation.box.minute < minutes {
            try simulation.step()
            if simulation.runCount == 5_000 { warm = residentKilobytes() }
        }
        var words: [String: Int] = [:]
        for told in simulation.told {
            let key = told.finding.key
            words["\(key.verdict.name) \(key.aspect.name)", default: 0] += 1
        }
        let most = words.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(2).map { "\($0.value) \($0.key)" }
        let rate = Double(simulation.told.count) / (Double(minutes) / 43_800)
        if rate > worst.rate { worst = (rate, kind.name) }
        if warm > 0 { growth = max(growth, residentKilobytes() - warm) }
        models.append("- \(kind.name): \(kind.words).")
        sheet.say(
            "| \(kind.name) | \(simulation.runCount) | \(simulation.box.bootCount) | \(simulation.partRunCount) | \(simulation.told.count) "
                + "| \(simulation.told.count { $0.finding.level == .critical }) | \(fixed(rate)) | \(simulation.heldMinutes) "
                + "| \(most.joined(separator: ", ")) | \(Int(Date().timeIntervalSince(begin))) | \(warm), \(residentKilobytes()) |")
        if ProcessInfo.processInfo.environment["SIMULATE_VERBOSE"] != nil {
            for told in simulation.told.prefix(40) {
                let finding = told.finding
                print(
                    "   minute \(told.minute): \(finding.level.name) \(finding.key.verdict.name) \(finding.key.aspect.name) \(finding.subject.label) \(finding.subject.action) "
                        + "\(fixed(finding.peak)) of \(finding.warn.map(fixed) ?? "-"), usual \(finding.evidence.usualPerSecond.map(fixed) ?? "-"), "
                        + "\(finding.evidence.work?.verdict.rawValue ?? "-"), burst \(finding.evidence.burstNanoseconds ?? 0)")
            }
        }
    }
    sheet.say("\nThe models:\n")
    models.forEach { sheet.say($0) }
    sheet.say("")
    sheet.verdict("a handful of false alarms a month at most", worst.rate <= 5, "\(fixed(worst.rate)) a month (\(worst.name))")
    sheet.verdict("memory does not grow", growth < 8_192, "\(growth) KiB at most")
}

/// The time until a finding of the right verdict, for each sickness.
@MainActor func noticeSick(runs: Int, seed: UInt64) throws {
    sheet.say("| what goes wrong after two days | on | runs | noticed | after minutes, median | most | critical |")
    sheet.say("|---|---|---:|---:|---:|---:|---:|")
    var missed = 0
    for kind in SickKinds.all {
        guard let sickness = kind.sickness else { continue }
        var (delays, criticalCount) = ([Int](), 0)
        for run in 0..<runs {
            var simulation = AlertSimulation(kind, seed: seed &+ UInt64(run) &* 7919)
            simulation.box.sickFrom = 2_880 + run * 67
            let end = simulation.box.sickFrom + 4 * 1440
            // Time asleep does not count.
            var sickMinutes = -1
            while simulation.box.minute < end {
                try simulation.step()
                if simulation.box.minute >= simulation.box.sickFrom { sickMinutes += 1 }
                let found = simulation.told.last { $0.minute >= simulation.box.sickFrom && $0.finding.key.verdict == sickness.verdict }
                if let found {
                    delays.append(sickMinutes + 1)
                    if found.finding.level == .critical { criticalCount += 1 }
                    break
                }
            }
        }
        delays.sort()
        missed += runs - delays.count
        sheet.say(
            "| \(sickness.name) | \(kind.name) | \(runs) | \(delays.count) | \(delays.isEmpty ? "-" : "\(delays[delays.count / 2])") "
                + "| \(delays.last.map { "\($0)" } ?? "-") | \(criticalCount) |")
    }
    sheet.say("")
    sheet.verdict("each is noticed", missed == 0, "\(missed) were not within four days")
}

/// Screens at 10 Hz.
@MainActor func topDay(steps: Int, seed: UInt64) throws {
    let simulation = TopSimulation(seed: seed)
    let begin = Date()
    var memory: [Int] = []
    for step in 1...steps {
        try simulation.step()
        if step % max(steps / 10, 1) == 0 { memory.append(residentKilobytes()) }
    }
    let seconds = Date().timeIntervalSince(begin)
    sheet.say(
        "\(steps) screens of `top` at 10 Hz on a simulated clock (\(fixed(Double(steps) / 36_000)) hours), 16 CPUs and about 60 rows, in \(Int(seconds)) s:\n"
    )
    sheet.say("| what happened | times |")
    sheet.say("|---|---:|")
    for (word, count) in simulation.happened.sorted(by: { $0.key < $1.key }) { sheet.say("| \(word) | \(count) |") }
    sheet.say(
        "\n\(simulation.countedInterrupts) interrupts were counted; the highest rate of a row was \(Int(simulation.highestRate)) a second, in the model \(Int(simulation.highestModelRate)). Resident memory after each tenth: \(memory.map { "\($0)" }.joined(separator: ", ")) KiB.\n"
    )
    sheet.verdict(
        "counts, rates, sums and histories are those of the model at each step", simulation.differenceCount == 0,
        simulation.differences.first ?? "\(steps) steps")
    let growth = (memory.last ?? 0) - (memory.first ?? 0)
    sheet.verdict("memory does not grow", growth < 2_048, "\(growth) KiB after the first tenth")
}

/// What is printed, and kept for the file of SCALE_OUT.
struct Sheet {
    private var text = ""
    private var verdicts = ""
    private var isFailed = false

    mutating func say(_ line: String) {
        print(line)
        fflush(nil)
        text += line + "\n"
    }

    mutating func verdict(_ what: String, _ isMet: Bool, _ measured: String) {
        let line = "- \(isMet ? "PASS" : "FAIL"): \(what): \(measured)"
        print(line)
        verdicts += line + "\n"
        if !isMet { isFailed = true }
    }

    func end() -> Never {
        if let path = ProcessInfo.processInfo.environment["SCALE_OUT"] {
            try? (text + verdicts).write(toFile: path, atomically: true, encoding: .utf8)
        }
        exit(isFailed ? 1 : 0)
    }
}

/// The resident memory of this process, in KiB.
func residentKilobytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
    return Int(line.filter(\.isNumber)) ?? 0
}

func fixed(_ number: Double) -> String { String(format: "%.2f", number) }
