import Foundation
import TestSupport

/// A box whose /proc a test writes over time, with a clock that the test moves; `irqscope alert` looks at it.
final class FakeBox {
    struct Row {
        var label: String
        var tail: String
        /// By CPU, online or not; one for a row of the machine.
        var counts: [UInt64]
        var isGlobal = false
    }

    let root: String
    var proc: String { root + "/proc" }
    var state: String { root + "/state/alert.state" }
    var rows: [Row] = []
    var softirqs: [String: [UInt64]] = [:]
    /// irq and softirq ticks, and idle, by CPU.
    var ticks: [(irq: UInt64, softirq: UInt64, idle: UInt64)]
    /// Ticks that the host took, by CPU.
    var steal: [UInt64]
    /// Completed requests by disk, and packets by network interface; nil where there is no such file.
    var disks: [String: UInt64]?
    var links: [String: UInt64] = [:]
    var online: [Int]
    var bootID = "11111111-2222-3333-4444-555555555555"
    /// Seconds of CLOCK_BOOTTIME, CLOCK_MONOTONIC and CLOCK_REALTIME.
    var clock = (boot: 1000.0, awake: 1000.0, wall: 1_790_000_000.0)
    let cpuCount: Int

    init(cpus: Int = 4) throws {
        cpuCount = cpus
        online = Array(0..<cpus)
        steal = Array(repeating: 0, count: cpus)
        ticks = Array(repeating: (100, 100, 1000), count: cpus)
        for name in ["HI", "TIMER", "NET_TX", "NET_RX", "BLOCK", "IRQ_POLL", "TASKLET", "SCHED", "HRTIMER", "RCU"] {
            softirqs[name] = Array(repeating: 1000, count: cpus)
        }
        root = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-box-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root + "/state", withIntermediateDirectories: true)
        add("24", "IO-APIC   9-fasteoi   acpi")
        add("36", "PCI-MSIX-0000:00:02.0   1-edge      gadget0", start: 5_000)
        rows.append(Row(label: "NMI", tail: "Non-maskable interrupts", counts: Array(repeating: 0, count: cpus)))
        rows.append(Row(label: "LOC", tail: "Local timer interrupts", counts: Array(repeating: 900, count: cpus)))
        rows.append(Row(label: "ERR", tail: "", counts: [0], isGlobal: true))
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func add(_ label: String, _ tail: String, start: UInt64 = 0) {
        rows.insert(Row(label: label, tail: tail, counts: Array(repeating: start, count: cpuCount)), at: 0)
    }

    /// Lets time pass, and interrupts come: so many a second on a CPU.
    func pass(
        _ seconds: Double, _ rates: [String: (cpu: Int, perSecond: Double)] = [:],
        softirqRates: [String: (cpu: Int, perSecond: Double)] = [:]
    ) {
        clock.boot += seconds
        clock.awake += seconds
        clock.wall += seconds
        for index in rows.indices {
            if rows[index].label == "LOC" { for cpu in online { bump(index, cpu, 250 * seconds) } }
            guard let rate = rates[rows[index].label] else { continue }
            bump(index, rows[index].isGlobal ? 0 : rate.cpu, rate.perSecond * seconds)
        }
        for (name, rate) in softirqRates { softirqs[name]?[rate.cpu] &+= UInt64(rate.perSecond * seconds) }
        for cpu in 0..<cpuCount {
            softirqs["TIMER"]?[cpu] &+= UInt64(100 * seconds)
            ticks[cpu].idle += UInt64(99 * seconds)
        }
    }

    private func bump(_ row: Int, _ cpu: Int, _ count: Double) {
        // The kernel's counters have 32 bits.
        rows[row].counts[cpu] = (rows[row].counts[cpu] + UInt64(count)) & 0xFFFF_FFFF
    }

    func write(_ path: String, _ text: String) throws {
        let url = URL(fileURLWithPath: proc + "/" + path)
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
    }

    /// Writes all files of /proc as they are now.
    func write() throws {
        func padded(_ count: UInt64) -> String {
            let digits = String(count)
            return String(repeating: " ", count: max(1, 11 - digits.count)) + digits
        }
        var text = "          " + online.map { "CPU\($0)        ".prefix(11) }.joined() + "\n"
        for row in rows {
            let counts = row.isGlobal ? [row.counts[0]] : online.map { row.counts[$0] }
            let label = String(repeating: " ", count: max(0, 4 - row.label.count)) + row.label
            text += label + ":" + counts.map(padded).joined() + (row.tail.isEmpty ? "" : "  " + row.tail) + "\n"
        }
        try write("interrupts", text)
        var table = "                    " + (0..<cpuCount).map { "CPU\($0)        ".prefix(11) }.joined() + "\n"
        for name in softirqs.keys.sorted() { table += "\(name):" + (softirqs[name] ?? []).map(padded).joined() + "\n" }
        try write("softirqs", table)
        let lines = online.map { "cpu\($0) 10 0 10 \(ticks[$0].idle) 0 \(ticks[$0].irq) \(ticks[$0].softirq) \(steal[$0]) 0 0" }
        try write("stat", "cpu  1 1 1 1 1 1 1 0 0 0\n" + lines.joined(separator: "\n") + "\nintr 5000000 1 2 3\n")
        try write("sys/kernel/random/boot_id", bootID + "\n")
        if let disks {
            let rows = disks.sorted { $0.key < $1.key }.map { " 259 0 \($0.key) \($0.value) 0 8 1 0 0 0 0 0 1 1 0 0 0 0 0 0" }
            try write("diskstats", rows.joined(separator: "\n") + "\n")
        }
        for (name, packets) in links {
            try write("../sys/class/net/\(name)/statistics/rx_packets", "\(packets)\n")
            try write("../sys/class/net/\(name)/statistics/tx_packets", "0\n")
        }
    }

    func spurious(_ irq: Int, count: Int, unhandled: Int, last: Int) throws {
        try write("irq/\(irq)/spurious", "count \(count)\nunhandled \(unhandled)\nlast_unhandled \(last) ms\n")
    }

    /// Writes a process; one of the kernel's own if `flags` say so.
    func process(_ pid: Int, _ name: String, flags: Int = 0x20_8040, ticks: Int = 1) throws {
        try write(
            "\(pid)/stat",
            "\(pid) (\(name)) S 2 0 0 0 -1 \(flags) 0 0 0 0 0 \(ticks) 0 0 -51 0 1 0 40 0 0 18446744073709551615 "
                + "0 0 0 0 0 0 0 2147483647 0 1 0 0 17 0 50 1 0 0 0 0 0 0 0 0 0 0 0\n")
    }

    /// Writes /proc and runs `irqscope alert` on it.
    func alert(_ arguments: String..., environment: [String: String] = [:]) throws -> ProcessResult {
        try alert(arguments, environment: environment)
    }

    func alert(_ arguments: [String], environment: [String: String] = [:]) throws -> ProcessResult {
        try write()
        return try look(arguments, environment: environment)
    }

    func look(_ arguments: [String], environment: [String: String] = [:]) throws -> ProcessResult {
        let state = arguments.contains("--state") ? [] : ["--state", self.state]
        let times = [clock.awake, clock.boot, clock.wall].map { String(format: "%.3f", $0) }.joined(separator: ",")
        return try run(
            Places.command.path, ["alert", "--proc-root", proc] + state + arguments,
            environment: ["IRQSCOPE_TEST_CLOCK": times].merging(environment) { $1 })
    }
}
