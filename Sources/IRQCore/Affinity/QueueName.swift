/// The queue of a device that a handler's name tells of.
///
/// Drivers write the queue's number into the name of its action, each in its own way:
///
/// ```
/// mlx5_comp3@pci:0000:3b:00.0   gve-ntfy-blk3@pci:A   mana_q3@pci:A   mlx4-3@pci:A     the function, by its address
/// ice-eth0-TxRx-3   i40e-…   iavf-…   idpf-…   hns3-…                                  driver, interface
/// eth0-TxRx-3   eth0-Tx-Rx-3   eth0-rxtx-3   eth0-fp-3   eth0-rx-3   eth0-tx-3         interface
/// eth0-ntfy-block.3   eth0-q3   eth0-q3-rx   eth0:rx-3   eth0-Rx3   eth0-3
/// virtio0-input.3   virtio0-output.3   virtio1-req.3   virtio2-request                 device
/// nvme0q3   megasas0-msix3
/// ```
///
/// `eth0-3` is a queue only where `eth0` is known as an interface: too many other names look like it.
public struct QueueName: Equatable, Sendable {
    /// The way of what the queue carries.
    public enum Direction: String, Sendable {
        /// Towards this machine only.
        case receive = "rx"
        /// Away from it only.
        case send = "tx"
        /// Both, or not told.
        case both
    }

    /// The purpose of the device.
    public enum Kind: String, Sendable {
        /// Packets.
        case network
        /// Blocks of a disk, or requests of a file system.
        case block
    }

    /// The interface, the device, or its PCI address, as the name has it.
    public var owner: String
    /// The number in the name; nil where all queues of a device have the same name.
    public var number: Int?
    /// The way of what it carries.
    public var direction: Direction
    /// The purpose of the device.
    public var kind: Kind

    init(owner: some StringProtocol, number: Int?, direction: Direction, kind: Kind) {
        self.owner = String(owner)
        self.number = number
        self.direction = direction
        self.kind = kind
    }

    /// Reads a handler's name; nil if it is no queue's.
    ///
    /// - Parameter interfaces: the network interfaces that the device is known to have.
    public init?(_ action: String, interfaces: [String] = []) {
        guard action.utf8.count <= Self.nameByteCount else { return nil }
        guard
            let name = Self.ofFunction(action) ?? Self.ofVirtio(action) ?? Self.ofNVMe(action)
                ?? Self.ofXen(action) ?? Self.ofMarker(action) ?? Self.ofInterface(action, interfaces)
        else { return nil }
        self = name
    }

    /// A longer name is no queue's: the kernel's drivers cut theirs at about 64 bytes.
    static let nameByteCount = 256

    // MARK: The forms

    /// `mlx5_comp3@pci:0000:3b:00.0`: the number ends what stands before the address.
    private static func ofFunction(_ action: String) -> Self? {
        let parts = action.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first else { return nil }
        var owner = head.prefix { $0 != "_" && $0 != "-" }
        if parts.count == 2 {
            guard parts[1].hasPrefix("pci:"), parts[1].count > 4 else { return nil }
            owner = parts[1].dropFirst(4)
        }
        for prefix in functionPrefixes where head.hasPrefix(prefix) {
            guard parts.count == 2 || prefix.hasSuffix("_q") || prefix.hasSuffix("_comp") else { continue }
            guard let number = number(head.dropFirst(prefix.count)) else { return nil }
            return Self(owner: owner, number: number, direction: .both, kind: .network)
        }
        return nil
    }

    private static let functionPrefixes = ["mlx5_comp", "gve-ntfy-blk", "mana_q", "mlx4-comp-", "mlx4-"]

    /// `virtio0-input.3`; virtio-scsi calls each of its queues `virtio2-request`.
    private static func ofVirtio(_ action: String) -> Self? {
        guard action.hasPrefix("virtio"), let hyphen = action.firstIndex(of: "-"),
            number(action[action.index(action.startIndex, offsetBy: 6)..<hyphen]) != nil
        else { return nil }
        let owner = action[..<hyphen]
        let rest = action[action.index(after: hyphen)...]
        if rest == "request" { return Self(owner: owner, number: nil, direction: .both, kind: .block) }
        guard let point = rest.lastIndex(of: "."), let number = number(rest[rest.index(after: point)...]) else {
            return nil
        }
        switch rest[..<point] {
        case "input": return Self(owner: owner, number: number, direction: .receive, kind: .network)
        case "output": return Self(owner: owner, number: number, direction: .send, kind: .network)
        case "req", "request", "requests": return Self(owner: owner, number: number, direction: .both, kind: .block)
        default: return nil
        }
    }

    /// `nvme0q3`; queue 0 takes the driver's own commands.
    private static func ofNVMe(_ action: String) -> Self? {
        guard action.hasPrefix("nvme"), let letter = action.lastIndex(of: "q"),
            number(action[action.index(action.startIndex, offsetBy: 4)..<letter]) != nil,
            let number = number(action[action.index(after: letter)...]), number > 0
        else { return nil }
        return Self(owner: action[..<letter], number: number, direction: .both, kind: .block)
    }

    /// `eth0-q3-rx`, as xen-netfront has it.
    private static func ofXen(_ action: String) -> Self? {
        let direction: Direction
        switch true {
        case action.hasSuffix("-rx"): direction = .receive
        case action.hasSuffix("-tx"): direction = .send
        default: return nil
        }
        let rest = action.dropLast(3)
        guard let hyphen = rest.lastIndex(of: "-") else { return nil }
        let queue = rest[rest.index(after: hyphen)...]
        guard queue.first == "q", let number = number(queue.dropFirst()), hyphen > rest.startIndex else { return nil }
        return Self(owner: rest[..<hyphen], number: number, direction: direction, kind: .network)
    }

    /// `ice-eth0-TxRx-3`: a marker before the number, and before that the interface, with or without its driver.
    private static func ofMarker(_ action: String) -> Self? {
        let digits = action.reversed().prefix { $0.isASCII && $0.isNumber }.count
        guard digits > 0, let number = number(action.suffix(digits)) else { return nil }
        var head = action.dropLast(digits)
        if let last = head.last, "-.".contains(last) { head = head.dropLast() }
        let lower = head.lowercased()
        for (word, direction, kind) in markers {
            // The marker has something before it, and a mark between them.
            guard lower.hasSuffix(word), head.count > word.count + 1 else { continue }
            let owner = head.dropLast(word.count)
            guard let separator = owner.last, "-:".contains(separator) else { continue }
            let name = withoutDriver(owner.dropLast())
            // `0000:3b:00.0:fdir` is a function's line for itself.
            if let words = wordsBehindAddress(name), Self.hasAdminWord(words) { return nil }
            return name.isEmpty ? nil : Self(owner: name, number: number, direction: direction, kind: kind)
        }
        return nil
    }

    /// Longer ones before those that end them.
    private static let markers: [(String, Direction, Kind)] = [
        ("ntfy-block", .both, .network), ("tx-rx", .both, .network), ("txrx", .both, .network),
        ("rxtx", .both, .network), ("rx", .receive, .network), ("tx", .send, .network), ("fp", .both, .network),
        ("msix", .both, .block), ("q", .both, .network),
    ]

    private static func withoutDriver(_ owner: Substring) -> Substring {
        for driver in drivers where owner.hasPrefix(driver) && owner.count > driver.count {
            return owner.dropFirst(driver.count)
        }
        return owner
    }

    private static let drivers = ["ice-", "i40e-", "iavf-", "idpf-", "hns3-", "ionic-", "fm10k-"]

    /// `eth0-3`, where eth0 is an interface of the device.
    private static func ofInterface(_ action: String, _ interfaces: [String]) -> Self? {
        for interface in interfaces where action.hasPrefix(interface + "-") {
            guard let number = number(action.dropFirst(interface.count + 1)) else { continue }
            return Self(owner: interface, number: number, direction: .both, kind: .network)
        }
        return nil
    }

    /// A number of at most six digits and nothing else.
    private static func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.count <= 6, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(text)
    }
}
