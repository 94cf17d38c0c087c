import IRQCore
import TestSupport

extension MemoryBox {
    /// A box with a network card that has a line for each queue, `IF-TxRx-N` from irq 60 on, or one line for all.
    ///
    /// - Parameters:
    ///   - rates: the interrupts of each queue per second; queue N is served by CPU N, or by the CPU of `on`.
    ///   - lines: false for a card with one line.
    static func withCard(
        _ name: String = "eth1", cpus: Int = 4, rates: [Double], on places: [Int]? = nil, hasLines: Bool = true
    ) -> MemoryBox {
        var box = MemoryBox(cpus: cpus)
        box.addCard(name, rates: rates, on: places, hasLines: hasLines)
        return box
    }

    mutating func addCard(
        _ name: String, rates: [Double], on places: [Int]? = nil, hasLines: Bool = true, irq: Int = 60
    ) {
        let folder = "sys/class/net/\(name)"
        for (queue, rate) in rates.enumerated() {
            let cpu = places?[queue] ?? queue % cpuCount
            if hasLines || queue == 0 {
                line(
                    irq + queue, "PCI-MSI \(524_288 + queue)-edge", hasLines ? "\(name)-TxRx-\(queue)" : name, on: cpu,
                    perSecond: rate)
            }
            files["\(folder)/queues/rx-\(queue)/rps_cpus"] = "0"
            files["\(folder)/queues/rx-\(queue)/rps_flow_cnt"] = "0"
            files["\(folder)/queues/tx-\(queue)/tx_timeout"] = "0"
            if rates.count > 1 { files["\(folder)/queues/tx-\(queue)/xps_cpus"] = "0" }
        }
        for count in ["rx_packets", "tx_packets", "rx_missed_errors", "rx_fifo_errors", "rx_over_errors"] {
            files["\(folder)/statistics/\(count)"] = "1000"
        }
        files["\(folder)/threaded"] = "0"
        files["\(folder)/operstate"] = "up"
        files["proc/sys/net/core/rps_sock_flow_entries"] = "0"
        files["proc/sys/net/core/netdev_max_backlog"] = "1000"
        files["proc/sys/net/core/netdev_budget"] = "300"
        files["proc/sys/net/core/netdev_budget_usecs"] = "8000"
        for poll in ["busy_poll", "busy_read"] { files["proc/sys/net/core/\(poll)"] = "0" }
    }

    /// Counts packets per second that an interface receives.
    mutating func receive(_ name: String, perSecond: Double) {
        later["sys/class/net/\(name)/statistics/rx_packets"] = "\(1000 + UInt64(perSecond * seconds))"
    }

    /// Gives a CPU other counts of packets in the second sample.
    mutating func softnet(_ cpu: Int, processed: UInt64 = 0, dropped: UInt64 = 0, squeezed: UInt64 = 0) {
        func hex(_ number: UInt64) -> String {
            let digits = String(number, radix: 16)
            return String(repeating: "0", count: max(0, 8 - digits.count)) + digits
        }
        let path = "proc/net/softnet_stat"
        var rows = (later[path] ?? files[path] ?? "").split(separator: "\n").map(String.init)
        let numbers =
            [65_535 + processed, dropped, squeezed] + Array(repeating: 0, count: 9) + [UInt64(cpu)]
        rows[cpu] = numbers.map(hex).joined(separator: " ")
        later[path] = rows.joined(separator: "\n")
    }

    /// Two memory nodes, each with half of the CPUs.
    mutating func splitNodes() {
        let half = cpuCount / 2
        files["sys/devices/system/node/node0/cpulist"] = "0-\(half - 1)"
        files["sys/devices/system/node/node0/distance"] = "10 21"
        files["sys/devices/system/node/node1/cpulist"] = "\(half)-\(cpuCount - 1)"
        files["sys/devices/system/node/node1/distance"] = "21 10"
    }

    /// Puts all lines of a card onto a device of a memory node.
    mutating func place(_ name: String, irqs: Range<Int>, node: Int) {
        let address = "0000:3b:00.0"
        let device = Device(
            address: address, bus: "pci", driver: "igb", name: name, kind: "net", numaNode: node)
        for irq in irqs { devices[irq] = [device] }
        var parts = LineParts()
        parts.links = [name]
        self.parts[address] = parts
    }
}
