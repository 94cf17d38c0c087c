/// The file of an `AffinityState`: a line a value, so that whoever must can put masks back by hand.
///
/// ```
/// irqscope affinity 1
/// boot 3f1c…  saved 1764137000  goal spread  phase applied
/// option --device
/// option eth0
/// line 57 old 0-7 on 0 first - new 1 at next chip PCI-MSI hwirq 5767169 action ens192-rxtx-1 at 0000:0b:00.0 of ens192
/// file proc/irq/default_smp_affinity old ff new 0f
/// end 2
/// ```
/// `was 0-3+5` and `was ff+0f` at the end of a line or file are masks that earlier runs wrote.
/// Each field is a word: other bytes than letters, digits and a few marks stand as `%2C`, an empty one as `-`.
public enum AffinityStateFile {
    /// The bytes with which each version begins.
    public static let magic = Array("irqscope affinity ".utf8)
    /// The version that is written.
    public static let version = 1
    /// A larger file is none: a box of 100,000 lines writes 20 MB, and what `apply` wrote `undo` must read.
    public static let byteLimit = 256 << 20
    private static let (lineLimit, wordLimit, optionLimit) = (1 << 20, 16_384, 256)

    // MARK: Writing

    /// The state as bytes of a file.
    public static func encode(_ state: AffinityState) -> [UInt8] {
        var text = "irqscope affinity \(version)\n"
        text += "boot \(word(state.bootID)) saved \(state.savedSeconds) goal \(state.goal.rawValue)"
        text += " phase \(state.phase.rawValue)\n"
        for option in state.options { text += "option \(word(option))\n" }
        for line in state.lines {
            text += "line \(line.identity.irq) old \(word(line.oldMask.list)) on \(word(line.oldEffective?.list ?? ""))"
            text += " first \(line.first.map { "\($0)" } ?? "-") new \(word(line.new.list))"
            text += " moves \(line.movesAtOnce ? "once" : "next") chip \(word(line.identity.chip))"
            text += " hwirq \(word(line.identity.hwirq)) action \(word(line.identity.actions))"
            text += " at \(word(line.identity.address)) of \(word(line.device))" + was(line.earlier.map(\.list)) + "\n"
        }
        for file in state.files {
            text += "file \(word(file.path)) old \(word(file.old)) new \(word(file.new))" + was(file.earlier) + "\n"
        }
        text += "end \(state.lines.count + state.files.count)\n"
        return Array(text.utf8)
    }

    private static func was(_ masks: [String]) -> String {
        masks.isEmpty ? "" : " was " + word(masks.joined(separator: "+"))
    }

    /// A text as a word; `-` stands for the empty one.
    static func word(_ text: String) -> String {
        if text.isEmpty { return "-" }
        if text == "-" { return "%2D" }
        var result = ""
        for byte in text.utf8 {
            if isPlain(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: ",.:@_/-=+".utf8.contains(byte)
        }
    }

    // MARK: Reading

    /// The reasons why bytes are no state.
    public enum Failure: Error, Equatable, Sendable {
        /// They are something else, or cut short, or damaged.
        case damaged(line: Int)
        /// They are of another version.
        case version(String)
    }

    /// Reads a state; every size and number is checked.
    public static func decode(_ bytes: [UInt8]) throws(Failure) -> AffinityState {
        guard bytes.count <= byteLimit else { throw .damaged(line: 1) }
        let rows = bytes.split(separator: 0x0A, maxSplits: lineLimit + 1, omittingEmptySubsequences: false)
        guard let first = rows.first, first.starts(with: magic) else { throw .damaged(line: 1) }
        let number = String(decoding: first.dropFirst(magic.count).prefix(32), as: UTF8.self)
        guard number == "\(version)" else { throw .version(number) }
        // The last row is what follows the last end of line: nothing.
        guard rows.count >= 4, rows.count <= lineLimit, rows[rows.count - 1].isEmpty else {
            throw .damaged(line: rows.count)
        }
        var reader = Reader()
        for (index, row) in rows[1..<(rows.count - 1)].enumerated() {
            guard reader.take(row) else { throw .damaged(line: index + 2) }
        }
        guard reader.isEnded, let state = reader.state else { throw .damaged(line: rows.count) }
        return state
    }

    private struct Reader {
        var state: AffinityState?
        var isEnded = false

        mutating func take(_ row: ArraySlice<UInt8>) -> Bool {
            guard !isEnded, row.count <= AffinityStateFile.wordLimit * 4 else { return false }
            let words = row.split(separator: 0x20, omittingEmptySubsequences: false)
            guard let kind = words.first.map({ String(decoding: $0, as: UTF8.self) }), words.count <= 26 else {
                return false
            }
            var fields: [String] = []
            for part in words.dropFirst() {
                guard let text = AffinityStateFile.text(part) else { return false }
                fields.append(text)
            }
            switch kind {
            case "boot": return takeHead(fields)
            case "option":
                guard state != nil, fields.count == 1, (state?.options.count ?? 0) < AffinityStateFile.optionLimit
                else {
                    return false
                }
                state?.options.append(fields[0])
                return true
            case "line": return takeLine(fields)
            case "file": return takeFile(fields)
            case "end":
                isEnded = true
                return fields.count == 1 && state.map { Int(fields[0]) == $0.lines.count + $0.files.count } ?? false
            default: return false
            }
        }

        private mutating func takeHead(_ fields: [String]) -> Bool {
            guard state == nil, fields.count == 7, fields[1] == "saved", let saved = UInt64(fields[2]),
                fields[3] == "goal", let goal = AffinityGoal(rawValue: fields[4]), fields[5] == "phase",
                let phase = AffinityState.Phase(rawValue: fields[6])
            else { return false }
            state = AffinityState(bootID: fields[0], savedSeconds: saved, goal: goal)
            state?.phase = phase
            return true
        }

        private static let lineNames = ["old", "on", "first", "new", "moves", "chip", "hwirq", "action", "at", "of"]

        /// Takes the masks of earlier runs from the end of a line's fields, if they are there; nil if there are too many.
        private func takeEarlier(_ fields: inout [String], behind count: Int) -> [String]? {
            guard fields.count == count + 2, fields[count] == "was" else { return [] }
            let masks = fields[count + 1].split(separator: "+", omittingEmptySubsequences: false).map(String.init)
            fields.removeLast(2)
            return masks.count <= AffinityState.earlierLimit ? masks : nil
        }

        private mutating func takeLine(_ given: [String]) -> Bool {
            let names = Self.lineNames
            var fields = given
            guard let earlier = takeEarlier(&fields, behind: 1 + 2 * names.count) else { return false }
            let masks = earlier.map { CPUSet.parse(list: $0, last: nil) }
            guard masks.allSatisfy({ $0?.isEmpty == false }) else { return false }
            guard state != nil, fields.count == 1 + 2 * names.count,
                names.indices.allSatisfy({ fields[1 + 2 * $0] == names[$0] }),
                let irq = Int(fields[0]), (0...Self.highestIRQ).contains(irq)
            else { return false }
            let values = names.indices.map { fields[2 + 2 * $0] }
            guard let oldMask = CPUSet.parse(list: values[0], last: nil), !oldMask.isEmpty,
                let new = CPUSet.parse(list: values[3], last: nil), !new.isEmpty,
                values[4] == "once" || values[4] == "next"
            else { return false }
            var effective: CPUSet?
            if !values[1].isEmpty {
                effective = CPUSet.parse(list: values[1], last: nil)
                if effective == nil { return false }
            }
            var first: Int?
            if !values[2].isEmpty {
                guard let cpu = Int(values[2]), (0...ProcTextLimits.highestCPU).contains(cpu) else { return false }
                first = cpu
            }
            guard AffinityStateFile.isAddress(values[8]) else { return false }
            let identity = LineIdentity(
                irq: irq, chip: values[5], hwirq: values[6], actions: values[7], address: values[8])
            var line = AffinityState.Line(
                identity: identity, device: values[9], oldMask: oldMask, oldEffective: effective, first: first,
                new: new, movesAtOnce: values[4] == "once")
            line.earlier = masks.compactMap { $0 }
            state?.lines.append(line)
            return true
        }

        private static let highestIRQ = Int(Int32.max)

        private mutating func takeFile(_ given: [String]) -> Bool {
            var fields = given
            guard let earlier = takeEarlier(&fields, behind: 5), earlier.allSatisfy(AffinityStateFile.isMask) else {
                return false
            }
            guard state != nil, fields.count == 5, fields[1] == "old", fields[3] == "new",
                AffinityStateFile.isWritten(fields[0]), AffinityStateFile.isMask(fields[2]),
                AffinityStateFile.isMask(fields[4])
            else { return false }
            var file = AffinityState.File(path: fields[0], old: fields[2], new: fields[4])
            file.earlier = earlier
            state?.files.append(file)
            return true
        }
    }

    /// The text of a word; nil if it is none.
    private static func text(_ word: ArraySlice<UInt8>) -> String? {
        if word.isEmpty || word.count > wordLimit { return nil }
        if word.elementsEqual("-".utf8) { return "" }
        var bytes: [UInt8] = []
        var index = word.startIndex
        while index < word.endIndex {
            let byte = word[index]
            if byte == UInt8(ascii: "%") {
                guard index + 2 < word.endIndex, let high = ASCII.hexadecimalDigit(word[index + 1]),
                    let low = ASCII.hexadecimalDigit(word[index + 2])
                else { return nil }
                bytes.append(high << 4 | low)
                index += 3
            } else {
                guard isPlain(byte) else { return nil }
                bytes.append(byte)
                index += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// True for the files that `apply` writes beside masks of lines: a state names no others.
    static func isWritten(_ path: String) -> Bool {
        if path == "proc/irq/default_smp_affinity" { return true }
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 7, parts[0] == "sys", parts[1] == "class", parts[2] == "net", !parts[3].isEmpty,
            parts[3] != ".", parts[3] != "..", parts[4] == "queues"
        else { return false }
        let queue = parts[5]
        guard queue.count > 3, queue.dropFirst(3).utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return false }
        return queue.hasPrefix("rx-") && parts[6] == "rps_cpus" || queue.hasPrefix("tx-") && parts[6] == "xps_cpus"
    }

    /// True for a mask as those files have it.
    static func isMask(_ text: String) -> Bool { CPUSet.parse(mask: text) != nil }

    private static func isAddress(_ text: String) -> Bool {
        text.utf8.count <= 32 && text.utf8.allSatisfy { ASCII.hexadecimalDigit($0) != nil || ":.".utf8.contains($0) }
            && text != "." && text != ".."
    }
}
