import IRQCore
import Testing

/// Names as drivers of Linux 6.1 and 6.12 give them, and what they say.
struct QueueNameTests {
    @Test(arguments: [
        // Functions by their address.
        ("mlx5_comp0@pci:0000:3b:00.0", "0000:3b:00.0", 0, "both", "network"),
        ("mlx5_comp63@pci:0000:3b:00.1", "0000:3b:00.1", 63, "both", "network"),
        ("mlx5_comp7", "mlx5", 7, "both", "network"),
        ("gve-ntfy-blk12@pci:0000:00:04.0", "0000:00:04.0", 12, "both", "network"),
        ("mana_q3@pci:7870:00:00.0", "7870:00:00.0", 3, "both", "network"),
        ("mana_q3", "mana", 3, "both", "network"),
        ("mlx4-2@pci:0000:05:00.0", "0000:05:00.0", 2, "both", "network"),
        // A driver and its interface.
        ("ice-ens785f0-TxRx-11", "ens785f0", 11, "both", "network"),
        ("i40e-eth0-TxRx-3", "eth0", 3, "both", "network"),
        ("iavf-eth1-TxRx-0", "eth1", 0, "both", "network"),
        ("idpf-eth1-TxRx-5", "eth1", 5, "both", "network"),
        ("i40e-eth0-rx-1", "eth0", 1, "rx", "network"),
        ("ice-eth0-tx-1", "eth0", 1, "tx", "network"),
        // An interface.
        ("eno1-TxRx-0", "eno1", 0, "both", "network"),
        ("eth0-Tx-Rx-7", "eth0", 7, "both", "network"),
        ("ens192-rxtx-4", "ens192", 4, "both", "network"),
        ("eth2-fp-1", "eth2", 1, "both", "network"),
        ("eth0-ntfy-block.5", "eth0", 5, "both", "network"),
        ("eth0-rx-2", "eth0", 2, "rx", "network"),
        ("eth0-tx-2", "eth0", 2, "tx", "network"),
        ("eth0:rx-2", "eth0", 2, "rx", "network"),
        ("eth0-Rx3", "eth0", 3, "rx", "network"),
        ("eth0-q3", "eth0", 3, "both", "network"),
        ("eth0-q3-rx", "eth0", 3, "rx", "network"),
        ("eth0-q3-tx", "eth0", 3, "tx", "network"),
        // Interfaces whose own names mislead.
        ("mgmt0-TxRx-1", "mgmt0", 1, "both", "network"),
        ("rx-TxRx-1", "rx", 1, "both", "network"),
        ("ice-TxRx-1", "ice", 1, "both", "network"),
        ("a-b-TxRx-10", "a-b", 10, "both", "network"),
        ("eth10-TxRx-1", "eth10", 1, "both", "network"),
        ("enp3s0.q-rx-0", "enp3s0.q", 0, "rx", "network"),
        // Devices.
        ("virtio0-input.3", "virtio0", 3, "rx", "network"),
        ("virtio12-output.0", "virtio12", 0, "tx", "network"),
        ("virtio1-req.15", "virtio1", 15, "both", "block"),
        ("virtio4-requests.0", "virtio4", 0, "both", "block"),
        ("nvme0q1", "nvme0", 1, "both", "block"),
        ("nvme11q128", "nvme11", 128, "both", "block"),
        ("megasas0-msix9", "megasas0", 9, "both", "block"),
    ])
    func aQueueTellsItsOwnerAndNumber(_ name: (String, String, Int, String, String)) throws {
        let queue = try #require(QueueName(name.0), "\(name.0)")
        #expect(queue.owner == name.1)
        #expect(queue.number == name.2)
        #expect(queue.direction.rawValue == name.3)
        #expect(queue.kind == (name.4 == "network" ? .network : .block))
        #expect(!QueueName.isAdmin(name.0))
    }

    @Test func theQueuesOfVirtioSCSIHaveNoNumber() throws {
        let queue = try #require(QueueName("virtio2-request"))
        #expect(queue.owner == "virtio2")
        #expect(queue.number == nil)
        #expect(queue.kind == .block)
    }

    @Test(arguments: [
        "mlx5_async0@pci:0000:3b:00.0", "mlx4-async@pci:0000:05:00.0", "ice-0000:18:00.0:misc", "i40e-0000:18:00.0:misc",
        "gve-mgmnt@pci:0000:00:04.0", "ena-mgmnt@pci:0000:00:05.0", "eth0-mgmnt", "ens192-event-8",
        "i40e-0000:18:00.0:fdir-TxRx-0", "ice-0000:18:00.0:ctrl-TxRx-0", "ice-0000:18:00.0-ll_ts", "virtio0-config",
        "virtio2-control", "virtio2-event", "nvme0q0", "nvme12q0", "iavf-0000:18:02.0:mbx", "mana_hwc@pci:7870:00:00.0",
    ])
    func adminLinesAreNoQueues(_ name: String) {
        #expect(QueueName(name) == nil)
        #expect(QueueName.isAdmin(name))
    }

    @Test func aLineOfTheInterfacesNameIsAdminBesideItsQueues() {
        let siblings = ["eno1-TxRx-0", "eno1-TxRx-1"]
        #expect(QueueName.isAdmin("eno1", siblings: siblings))
        #expect(!QueueName.isAdmin("eno1"))
        #expect(!QueueName.isAdmin("eno1", siblings: ["eno10-TxRx-0"]))
        #expect(QueueName.isAdmin("eth0", siblings: ["eth0-rx-0", "eth0-tx-0"]))
        // A management port with one line: its name alone says nothing.
        #expect(!QueueName.isAdmin("mgmt0"))
        #expect(QueueName.isAdmin("mgmt0", siblings: ["mgmt0-TxRx-0"]))
    }

    @Test func aBareNumberNeedsAKnownInterface() throws {
        #expect(QueueName("eth0-3") == nil)
        let queue = try #require(QueueName("eth0-3", interfaces: ["eth1", "eth0"]))
        #expect(queue.owner == "eth0")
        #expect(queue.number == 3)
        #expect(QueueName("eth0-x", interfaces: ["eth0"]) == nil)
    }

    @Test(arguments: [
        "", "acpi", "eno1", "nvme0q", "nvmeq1", "nvme0q1x", "virtio0-virtqueues", "virtio-input.0", "virtiox-input.0",
        "virtio1-input", "-TxRx-0", "TxRx-0", "eth0-TxRx-", "eth0TxRx-0", "eth0-TxRx-1234567890", "mlx5_comp@pci:a",
        "mlx5_comp1@usb:a", "mlx5_comp1@pci:", "gve-ntfy-blk3", "i2c-1", "ttyS0", "xhci_hcd", "ahci[0000:00:1f.2]", "@", "q0",
        "rx-0", "eth0-TxRx-٣", "ahci0", "PCIe PME",
    ])
    func otherNamesAreNone(_ name: String) {
        #expect(QueueName(name) == nil)
        #expect(!QueueName.isAdmin(name))
    }

    @Test func randomNamesNeverStopIt() {
        var random = SystemRandomNumberGenerator()
        let parts = ["nvme", "virtio", "-", "q", "0", "12", "@pci:", "TxRx", "rx", ".", ":", "0000:00:00.0", "é", "\u{0}", "mlx5_comp"]
        for _ in 0..<3000 {
            let name = (0..<Int.random(in: 0...7, using: &random)).map { _ in parts.randomElement() ?? "" }.joined()
            if let queue = QueueName(name) { #expect(!queue.owner.isEmpty) }
            _ = QueueName.isAdmin(name, siblings: [name, name + "-TxRx-0"])
        }
    }
}
