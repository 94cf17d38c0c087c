/// Finds the rows of several reports that are the same thing: those that are compared, and those that are added up.
///
/// An IRQ number says little: it changes with each boot and from box to box. An interrupt is known by its device and its
/// action, as far as the recordings know the hardware, and by the action alone otherwise; other rows are known by name.
/// Rows that are alike in all that is known are told apart by their numbers, and then by their order.
public struct RowMatcher: Sendable {
    /// Signs that two rows are the same thing, the surest first. A sign is looked for in all rows before the next one is.
    private enum Sign: CaseIterable {
        /// The device, the action and the number.
        case exact
        /// The device and the action.
        case action
        /// The device and the action without the name that the system gave the device: eth0-rx-1 and enp3s0-rx-1.
        case part
        /// The device and the place of the line in its table.
        case line
        /// The device alone, if it has one row that is left.
        case device
        /// Name and number.
        case number
        /// The name, of functions with their module.
        case name
        /// The name without the module, which texts may leave out.
        case plainName

        var isUnique: Bool { self == .device }
    }

    private var groups: [Sign: [String: [Int]]] = [:]
    /// The place of a group's line in the table of its device, as far as it is known.
    private var lines: [Int: UInt64] = [:]
    /// The number of different rows so far.
    public private(set) var groupCount = 0

    /// Creates a matcher that knows no rows.
    public init() {}

    /// The group of each row of a report, counted from 0; a row that is like none before makes a new group.
    public mutating func groups(of report: Report) -> [Int] {
        let rows = report.rows
        // A buffer without rows tells nothing apart: trace-cmd has an empty one at the top beside each instance.
        let namesBuffers = Set(rows.map(\.buffer)).count > 1
        let order = rows.indices.sorted { Self.isBefore(rows[$0], rows[$1]) }
        var found = [Int?](repeating: nil, count: rows.count)
        var taken = Set<Int>()
        for sign in Sign.allCases {
            let open = order.filter { found[$0] == nil }
            let keys = open.map { Self.key(rows[$0], sign, namesBuffers) }
            var counts: [String: Int] = [:]
            if sign.isUnique { for key in keys.compactMap(\.self) { counts[key, default: 0] += 1 } }
            // What was looked at and is taken needs no second look.
            var next: [String: Int] = [:]
            for (row, key) in zip(open, keys) {
                guard let key, let known = groups[sign]?[key], counts[key] ?? 1 == 1 else { continue }
                if sign.isUnique {
                    let left = known.filter { !taken.contains($0) }
                    // Two lines of one device are two things, also where each is the only one that came.
                    if left.count > 1 || left.contains(where: { isOther($0, rows[row]) }) { continue }
                }
                var place = next[key] ?? 0
                while place < known.count, taken.contains(known[place]) { place += 1 }
                next[key] = place
                if place < known.count {
                    found[row] = known[place]
                    taken.insert(known[place])
                }
            }
        }
        for row in order {
            let group = found[row] ?? groupCount
            if group == groupCount { groupCount += 1 }
            found[row] = group
            if lines[group] == nil, let line = rows[row].line?.hwirq { lines[group] = line }
            for sign in Sign.allCases {
                guard let key = Self.key(rows[row], sign, namesBuffers) else { continue }
                if groups[sign]?[key]?.contains(group) != true {
                    groups[sign, default: [:]][key, default: []].append(group)
                }
            }
        }
        return found.map { $0 ?? 0 }
    }

    /// True if a group and a row have different places in the table of their device.
    private func isOther(_ group: Int, _ row: ReportRow) -> Bool {
        guard let known = lines[group], let line = row.line?.hwirq else { return false }
        return known != line
    }

    private static func isBefore(_ first: ReportRow, _ second: ReportRow) -> Bool {
        let (one, other) = (first.key, second.key)
        return (one.kind.rawValue, one.device?.address ?? "", one.number, one.name)
            < (other.kind.rawValue, other.device?.address ?? "", other.number, other.name)
    }

    /// The words that rows with the same sign have in common; nil if a row does not have it.
    private static func key(_ row: ReportRow, _ sign: Sign, _ namesBuffers: Bool) -> String? {
        var words = [row.kind.rawValue, namesBuffers ? row.buffer : ""]
        switch sign {
        case .number: words += [row.name, row.module ?? "", "\(row.number)"]
        case .name: words += [row.name, row.module ?? ""]
        case .plainName: words.append(row.name)
        case .exact, .action, .part, .line, .device:
            // An address is given to another device in another box.
            guard row.kind == .irq, let device = row.key.device else { return nil }
            words += [device.address, device.bus, device.vendorDevice ?? ""]
            switch sign {
            case .exact: words += [row.name, "\(row.number)"]
            case .action: words.append(row.name)
            case .part: words.append(part(row.name, of: device))
            case .line:
                guard let line = row.line?.hwirq else { return nil }
                words.append("\(line)")
            default: break
            }
        }
        return words.joined(separator: "\0")
    }

    /// An action without the name of the device, or without the first number in it, which counts devices.
    private static func part(_ action: String, of device: Device) -> String {
        let bytes = Array(action.utf8)
        if let name = device.name.map({ Array($0.utf8) }), !name.isEmpty, bytes.count >= name.count {
            for start in 0...(bytes.count - name.count) where bytes[start..<(start + name.count)].elementsEqual(name) {
                return String(decoding: bytes[..<start] + [0] + bytes[(start + name.count)...], as: UTF8.self)
            }
        }
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let start = bytes.firstIndex(where: digits.contains) else { return action }
        let end = bytes[start...].firstIndex { !digits.contains($0) } ?? bytes.count
        return String(decoding: bytes[..<start] + [0] + bytes[end...], as: UTF8.self)
    }
}
