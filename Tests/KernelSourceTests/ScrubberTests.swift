import Testing

@testable import KernelSource

/// The name of the machine is taken out of a snapshot where it is a word, and nowhere else.
@Suite struct ScrubberTests {
    /// A box that was called 6.1 had the kernel `host.0-56-amd64` in its snapshots.
    @Test(arguments: [
        ("6.1", "Linux version 6.1.0-56-amd64", "Linux version 6.1.0-56-amd64"),
        ("6.1", "proc 16.1 and 2.6.1 on 6.1", "proc 16.1 and 2.6.1 on host"),
        ("amd", "Linux 6.1.0-56-amd64 AuthenticAMD amd_pmc", "Linux 6.1.0-56-amd64 AuthenticAMD amd_pmc"),
        ("box", "root=/dev/mapper/box--vg-root box.example.org ./box box", "root=/dev/mapper/host--vg-root host.example.org ./host host"),
        ("box", "virtualbox boxes box_1 box1 xbox", "virtualbox boxes box_1 box1 xbox"),
        ("node-17", "node-17: up, node-170 and subnode-17", "host: up, node-170 and subnode-17"),
        ("10.0.0.7", "ip=10.0.0.7:eth0 10.0.0.77 110.0.0.7", "ip=host:eth0 10.0.0.77 110.0.0.7"),
        ("b1", "b1 is too short", "b1 is too short"),
    ])
    func isReplacedAsAWord(_ host: String, _ text: String, _ expected: String) {
        let cleaned = Scrubber(hostName: host).clean(Array(text.utf8), "proc/version")
        #expect(String(decoding: cleaned, as: UTF8.self) == expected)
        // Where no host is named the same letters are something else.
        #expect(Scrubber(hostName: host).clean(Array(text.utf8), "proc/interrupts") == Array(text.utf8))
    }

    /// A box that is called as something that the kernel has: the word is not its name only.
    @Test func namesOfTheKernelsFilesStay() {
        let tree = RecordingTree()
        _ = tree.read("proc/irq/default_smp_affinity")
        _ = tree.names("sys/devices/system/cpu")
        #expect(tree.hasFile(named: "irq") && tree.hasFile(named: "cpu0"))
        #expect(!tree.hasFile(named: "ir") && !tree.hasFile(named: "box") && !tree.hasFile(named: ""))
    }
}
