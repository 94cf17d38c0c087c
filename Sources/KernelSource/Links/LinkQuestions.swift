internal import Glibc
internal import IRQCore

/// Asks the driver of a network interface for its queues and settings (Documentation/networking/ethtool-netlink.rst, netdev.yaml).
///
/// A driver may take long to answer, and holds a lock of the whole network meanwhile: whoever asks must be able to go on without.
enum LinkQuestions {
    /// Commands of the family `ethtool`: channels since 5.7, RSS since 6.2.
    private static let (channelsGet, coalesceGet, rssGet): (UInt8, UInt8, UInt8) = (17, 19, 38)
    /// Commands of the family `netdev`, since 6.8.
    private static let (queueGet, napiGet): (UInt8, UInt8) = (10, 11)

    /// The facts that the running kernel tells of an interface, each of them only if it does.
    static func ask(_ interface: String, milliseconds: Int) -> LinkFacts {
        var facts = LinkFacts()
        guard var netlink = GenericNetlink(milliseconds: milliseconds) else { return facts }
        if let family = netlink.family("ethtool") {
            // Each has a header first, with the interface's name as its second attribute.
            let header = NetlinkBytes.attribute(1, NetlinkBytes.attribute(2, interface), isNested: true)
            if let found = netlink.ask(family, command: channelsGet, header)?.first { takeChannels(found, &facts) }
            if let found = netlink.ask(family, command: coalesceGet, header)?.first { takeCoalescing(found, &facts) }
            if let found = netlink.ask(family, command: rssGet, header)?.first { takeTable(found, &facts) }
        }
        let index = unsafe if_nametoindex(interface)
        if index > 0, let family = netlink.family("netdev") {
            let queues = netlink.ask(
                family, command: queueGet, NetlinkBytes.attribute(2, NetlinkBytes.of(UInt32(index))), isDump: true)
            let polls = netlink.ask(
                family, command: napiGet, NetlinkBytes.attribute(1, NetlinkBytes.of(UInt32(index))), isDump: true)
            if let queues, let polls { takeLines(queues, polls, &facts) }
        }
        return facts
    }

    private typealias Attributes = [UInt16: ArraySlice<UInt8>]

    private static func number(_ attributes: Attributes, _ type: UInt16) -> Int? {
        attributes[type].flatMap { NetlinkBytes.number32($0, at: 0) }.map { Int(clamping: $0) }
    }

    private static func takeChannels(_ found: Attributes, _ facts: inout LinkFacts) {
        func channels(_ first: UInt16) -> LinkChannels {
            LinkChannels(
                receive: number(found, first) ?? 0, send: number(found, first + 1) ?? 0,
                combined: number(found, first + 3) ?? 0)
        }
        (facts.maximumChannels, facts.channels) = (channels(2), channels(6))
    }

    private static func takeCoalescing(_ found: Attributes, _ facts: inout LinkFacts) {
        facts.coalescing = LinkCoalescing(
            receiveMicroseconds: number(found, 2), isReceiveAdaptive: found[11]?.first.map { $0 != 0 })
    }

    private static func takeTable(_ found: Attributes, _ facts: inout LinkFacts) {
        guard let table = found[4], !table.isEmpty else { return }
        facts.indirection = (0..<table.count / 4).compactMap { NetlinkBytes.number32(table, at: $0 * 4) }
            .map { Int(clamping: $0) }
    }

    private static func takeLines(_ queues: [Attributes], _ polls: [Attributes], _ facts: inout LinkFacts) {
        var irqs: [Int: Int] = [:]
        for poll in polls { if let id = number(poll, 2), let irq = number(poll, 3), irq > 0 { irqs[id] = irq } }
        var (receive, send): ([Int: Int], [Int: Int]) = ([:], [:])
        for queue in queues {
            guard let id = number(queue, 1), let poll = number(queue, 4), let irq = irqs[poll] else { continue }
            if number(queue, 3) == 0 { receive[id] = irq } else { send[id] = irq }
        }
        if !receive.isEmpty { facts.receiveLines = receive }
        if !send.isEmpty { facts.sendLines = send }
    }
}

extension LinkFacts {
    /// The facts as lines of text: from the process that asks to the one that judges.
    var text: String {
        func words(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: " ") }
        func pairs(_ lines: [Int: Int]) -> String {
            words(lines.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] })
        }
        var lines: [String] = []
        if let most = maximumChannels, let now = channels {
            lines.append(
                "channels " + words([most.receive, most.send, most.combined, now.receive, now.send, now.combined]))
        }
        if let coalescing {
            let adaptive = coalescing.isReceiveAdaptive.map { $0 ? 1 : 0 } ?? -1
            lines.append("coalescing " + words([coalescing.receiveMicroseconds ?? -1, adaptive]))
        }
        if let indirection { lines.append("table " + words(indirection)) }
        if let receiveLines { lines.append("receive " + pairs(receiveLines)) }
        if let sendLines { lines.append("send " + pairs(sendLines)) }
        return lines.joined(separator: "\n")
    }

    /// Reads lines of text.
    init(text: String) {
        self.init()
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            let numbers = words.dropFirst().compactMap { Int($0) }
            switch words.first {
            case "channels" where numbers.count == 6:
                maximumChannels = LinkChannels(receive: numbers[0], send: numbers[1], combined: numbers[2])
                channels = LinkChannels(receive: numbers[3], send: numbers[4], combined: numbers[5])
            case "coalescing" where numbers.count == 2:
                coalescing = LinkCoalescing(
                    receiveMicroseconds: numbers[0] < 0 ? nil : numbers[0],
                    isReceiveAdaptive: numbers[1] < 0 ? nil : numbers[1] > 0)
            case "table": indirection = numbers
            case "receive": receiveLines = Self.pairs(numbers)
            case "send": sendLines = Self.pairs(numbers)
            default: continue
            }
        }
    }

    private static func pairs(_ numbers: [Int]) -> [Int: Int] {
        var result: [Int: Int] = [:]
        for index in stride(from: 0, to: numbers.count - 1, by: 2) { result[numbers[index]] = numbers[index + 1] }
        return result
    }
}
