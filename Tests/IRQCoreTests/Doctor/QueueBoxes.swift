import IRQCore
import TestSupport

extension MemoryBox {
    /// Adds the queues of a network card, one line each from `irq` on.
    ///
    /// - Parameters:
    ///   - places: the CPU of each queue.
    ///   - masks: the mask of each; nil for all CPUs.
    mutating func addCard(
        _ name: String = "ens192", irq: Int = 56, places: [Int], perSecond: [Double], masks: [String?] = [],
        node: Int? = nil, chip: String = "PCI-MSI", driver: String = "vmxnet3"
    ) {
        let device = Device(
            address: "0000:0b:00.0", bus: "pci", driver: driver, name: name, kind: "net", numaNode: node,
            classCode: 0x020000)
        var links = LineParts()
        links.links = [name]
        parts[device.address] = links
        for (queue, cpu) in places.enumerated() {
            let mask = queue < masks.count ? masks[queue] : nil
            line(
                irq + queue, "\(chip) \(5_767_168 + queue)-edge", "\(name)-rxtx-\(queue)", on: cpu,
                perSecond: perSecond[queue % perSecond.count], mask: mask)
            devices[irq + queue] = [device]
        }
    }

    /// Sets CPUs aside at boot.
    mutating func isolate(_ list: String) { files["sys/devices/system/cpu/isolated"] = list }

    /// A box with two memory nodes of the same number of CPUs.
    static func twoNodes(cpus: Int = 8) -> MemoryBox {
        var box = MemoryBox(cpus: cpus)
        for node in 0...1 {
            box.files["sys/devices/system/node/node\(node)/cpulist"] =
                "\(node * cpus / 2)-\((node + 1) * cpus / 2 - 1)"
            box.files["sys/devices/system/node/node\(node)/distance"] = node == 0 ? "10 21" : "21 10"
        }
        return box
    }

    /// Lets irqbalance run, with settings in its environment.
    mutating func runIrqbalance(environment: [String] = [], words: [String] = ["/usr/sbin/irqbalance", "--foreground"]) {
        task(700, "irqbalance", isKernel: false)
        files["proc/700/cmdline"] = words.joined(separator: "\0") + "\0"
        files["proc/700/environ"] = (["PATH=/usr/bin"] + environment).joined(separator: "\0") + "\0"
    }
}
