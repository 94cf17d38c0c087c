import IRQCore
import Foundation
import Testing
import TestSupport

@testable import KernelSource

/// This machine, read by us and by a few lines of another language.
@Suite struct LiveKernelTests {
    static func lines(_ result: ProcessResult) -> [String] { result.text.split(separator: "\n").map { String($0) } }

    @Test func devicesAreThoseOfTheShell() throws {
        let result = try shell(
            """
            for file in /sys/bus/pci/devices/*/msi_irqs/*; do
                [ -f "$file" ] || continue
                device=${file%/msi_irqs/*}
                driver=$(readlink "$device/driver")
                vendor=$(cat "$device/vendor") product=$(cat "$device/device")
                class=$(cat "$device/class") node=$(cat "$device/numa_node" 2>/dev/null || echo -1)
                echo "${file##*/} ${device##*/} $(cat "$file") ${driver##*/} ${vendor#0x}:${product#0x} $((class)) $node"
            done
            """)
        let map = DeviceMap()
        let lines = Self.lines(result)
        for line in lines {
            let irq = try #require(line.split(separator: " ").first.flatMap { Int($0) })
            let device = try #require(map.device(irq: irq), "\(line)")
            let ours =
                "\(irq) \(device.address) \(device.interruptKind?.rawValue ?? "") \(device.driver ?? "") "
                + "\(device.vendorDevice ?? "") \(device.classCode ?? 0) \(device.numaNode ?? -1)"
            #expect(ours == line)
        }
        print("\(lines.count) message interrupts on \(map.devices.count) devices")
        #expect(map.isWhole && map.skippedCount == 0)
        let count = try shell("ls /sys/bus/pci/devices 2>/dev/null | wc -l").text.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(map.devices.filter { $0.bus == "pci" }.count == Int(count))
    }

    @Test func namesAreThoseOfTheClasses() throws {
        let map = DeviceMap()
        // From the other end: what /sys/class has, and the PCI function on its path.
        let result = try shell(
            """
            for item in /sys/class/net/* /sys/class/block/* /sys/class/nvme/*; do
                path=$(readlink -f "$item") name=${item##*/}
                [ -e "$path/partition" ] && continue
                address=$(echo "$path" | grep -oE '[0-9a-f]{4,}:[0-9a-f]{2}:[0-9a-f]{2}[.][0-7]' | tail -n 1)
                case $path in */nvme*n[0-9]* | */host*) continue ;; esac
                [ -n "$address" ] && echo "$address $name"
            done
            """)
        var names: [String: Set<String>] = [:]
        for line in Self.lines(result) {
            let parts = line.split(separator: " ").map { String($0) }
            names[parts[0], default: []].insert(parts[1])
        }
        if names.isEmpty { try Test.cancel("no PCI device has a name here") }
        var compared = 0
        for device in map.devices {
            guard device.bus == "pci", let expected = names[device.address] else { continue }
            #expect(device.name.map { expected.contains($0) } == true, "\(device)")
            compared += 1
        }
        #expect(compared == names.count)
    }

    @Test func everyRowOfInterruptsWithAVirtioNameHasItsDevice() throws {
        let map = DeviceMap()
        var compared = 0
        for line in Self.lines(try shell("cat /proc/interrupts")) {
            let words = line.split(separator: " ").map { String($0) }
            guard let action = words.last, action.hasPrefix("virtio"), let irq = Int(words[0].dropLast()),
                let chip = words.first(where: { $0.hasPrefix("PCI-") })
            else { continue }
            let byAction = map.device(irq: -1, actions: [action.bytes])
            #expect(byAction != nil && byAction == map.device(irq: irq), "\(line)")
            if chip.contains(":") { #expect(map.device(irq: -1, chip: chip.bytes) == byAction, "\(line)") }
            compared += 1
        }
        if compared == 0 { try Test.cancel("there is no virtio device on a PCI bus here") }
    }

    @Test func topologyIsThatOfTheFiles() throws {
        let topology = NUMATopology()
        let online = try shell("cat /sys/devices/system/cpu/online").text
        #expect(topology.online?.list == online.trimmingCharacters(in: .newlines))
        #expect(topology.online?.count == ProcessInfo.processInfo.activeProcessorCount || getenv("TASKSET") != nil)
        #expect((topology.possible?.count ?? 0) >= (topology.online?.count ?? 0))
        let nodes = try shell("ls -d /sys/devices/system/node/node[0-9]* 2>/dev/null | wc -l").text
        #expect(topology.nodeCount == Int(nodes.trimmingCharacters(in: .whitespacesAndNewlines)))
        // The CPU's own directory has a link to its node.
        for line in Self.lines(try shell("cd /sys/devices/system/cpu && ls -d cpu[0-9]*/node[0-9]* 2>/dev/null")) {
            let numbers = line.split { !$0.isNumber }.compactMap { Int($0) }
            #expect(topology.node(ofCPU: numbers[0]) == numbers[1])
        }
    }

    @Test(.enabled(if: program("python3") != nil))
    func threadsAreThoseOfPython() throws {
        let script = """
            import glob, re
            for path in glob.glob('/proc/[0-9]*/stat'):
                try: text = open(path, errors='replace').read()
                except OSError: continue
                pid, name = text[:text.rindex(')')].split(' (', 1)
                rest = text[text.rindex(')') + 2:].split()
                if not int(rest[6]) & 0x200000: continue
                match = re.fullmatch(r'irq/(\\d+)-(?:s-)?(.*)|ksoftirqd/(\\d+)', name)
                if not match: continue
                irq, action, cpu = match.groups()
                print(pid, irq or '-', action or '-', cpu or '-', rest[37], rest[38], rest[19])
            """
        let expected = Set(Self.lines(try run("/usr/bin/env", ["python3", "-c", script])))
        let scan = Scan()
        scan.rescan()
        let threads = scan.threads ?? []
        let policies: [KernelThread.Policy] = [.other, .fifo, .roundRobin, .batch, .unknown(4), .idle, .deadline]
        let ours = threads.map { thread -> String in
            let policy = policies.firstIndex(of: thread.policy).map { "\($0)" } ?? "?"
            let tail = "\(thread.realtimePriority) \(policy) \(thread.startTicks)"
            switch thread.role {
            case .handler(let irq, _): return "\(thread.pid) \(irq) \(thread.action) - \(tail)"
            case .softirq(let cpu): return "\(thread.pid) - - \(cpu) \(tail)"
            }
        }
        print("\(ours.count) threads, known: \(scan.isKnown)")
        #expect(Set(ours) == expected)
    }

    @Test func timesGrowAndAreThoseOfTheFile() throws {
        let scan = Scan()
        scan.rescan()
        if !scan.isKnown { try Test.cancel("other processes are hidden here") }
        let before = try #require(scan.softirqThreads)
        #expect(!before.isEmpty, "each kernel has ksoftirqd")
        let hertz = try #require(Int(try shell("getconf CLK_TCK").text.trimmingCharacters(in: .whitespacesAndNewlines)))
        let ticks = try before.map { thread -> Int in
            let line = try shell("sed 's/.*) //' /proc/\(thread.pid)/stat").text.split(separator: " ")
            return try #require(Int(line[11])) + (try #require(Int(line[12])))
        }
        scan.refreshTimes()
        let after = try #require(scan.softirqThreads)
        #expect(after.map { $0.pid } == before.map { $0.pid })
        for (index, tick) in ticks.enumerated() {
            let time = UInt64(tick) * 1_000_000_000 / UInt64(hertz)
            #expect(time >= before[index].cpuNanoseconds ?? .max)
            #expect(time <= after[index].cpuNanoseconds ?? 0)
        }
    }
}
