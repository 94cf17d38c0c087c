public import IRQCore

/// A plan for people: a line a mask, then the writes as they stand, what stays and why, and who may undo it.
public struct AffinityText {
    private let plan: AffinityPlan
    private let box: AffinityBox
    private let style: Style
    private let width: Int?
    private let arrow: String
    private let dots: String
    /// The command that would apply it.
    private let command: String

    /// Creates the text of a plan of a box.
    ///
    /// - Parameters:
    ///   - command: the words that apply it.
    ///   - width: the columns for sentences, while commands and writes stay as they are; nil if lines may be long.
    public init(
        _ plan: AffinityPlan, _ box: AffinityBox, command: String, style: Style = Style(), width: Int? = nil
    ) {
        (self.plan, self.box, self.command, self.style, self.width) = (plan, box, command, style, width)
        arrow = style.isUnicode ? "→" : "->"
        dots = style.isUnicode ? "…" : "..."
    }

    /// The whole plan: as a dry run, or as what is written next.
    public func text(isDryRun: Bool = true) -> String {
        var text = head() + lines() + left()
        if !plan.isEmpty { text += writes(isDryRun ? "would write" : "to write") + shares() }
        for proposal in plan.proposals {
            text += row(
                proposal.isFirst ? "first" : "also", "(\(proposal.reason))", behind: "\(proposal.command)   ")
        }
        for note in plan.notes { text += row("note", note) }
        for refusal in plan.refusals { text += row("refused", refusal) }
        return isDryRun ? text + end() : text
    }

    /// - Parameter command: stands before the text, in one piece.
    private func row(_ word: String, _ text: String, behind command: String = "") -> String {
        let head = style.bold(word) + String(repeating: " ", count: max(1, 9 - word.utf8.count))
        let line = head + Paragraph.whole(SafeText.escaped(command)) + SafeText.escaped(text)
        return Paragraph.fitted(line, indent: 9, width: width) + "\n"
    }

    // MARK: Head

    private func head() -> String {
        let groups = plan.groups.map { group -> String in
            let node = group.node.map { "node \($0)" } ?? "no node"
            let facts = [group.address, node, "\(group.queueCount) queue\(group.queueCount == 1 ? "" : "s")"]
            return "\(group.title) (\(facts.compactMap { $0 }.joined(separator: ", ")))"
        }
        let devices =
            plan.devices.isEmpty ? "all devices" : (groups.isEmpty ? plan.devices : groups).joined(separator: ", ")
        let moving = plan.lines.count { !$0.stays }
        let changes =
            plan.isEmpty
            ? "nothing to do"
            : "\(plan.lines.count) mask\(plan.lines.count == 1 ? "" : "s") to write, \(moving) line\(moving == 1 ? "" : "s") to move"
        let balancer =
            switch box.irqbalance {
            case .absent: "irqbalance is not running"
            case .unknown: "whether irqbalance runs is unknown"
            case .runs: "irqbalance is running"
            }
        let count = plan.allowed.count
        let text =
            "\(plan.goal.rawValue) on \(devices): \(changes); \(count) CPU\(count == 1 ? "" : "s") allowed (\(plan.allowed.list)); \(balancer)"
        return Paragraph.fitted(style.bold(SafeText.escaped(text)), indent: 2, width: width) + "\n"
    }

    // MARK: Lines

    private func lines() -> String {
        let names = plan.lines.map { "irq \($0.irq) \(SafeText.escaped($0.identity.actions))" }
        let masks = plan.lines.map { line in
            "mask \(line.mask.list) \(arrow) " + (line.first.map { "\($0), then " } ?? "") + line.new.list
        }
        let places = plan.lines.map { "now on \($0.effective?.list ?? "?")" }
        let moves = plan.lines.map { line in
            line.stays ? "stays" : line.movesAtOnce ? "moves at once" : "moves with its next interrupt"
        }
        let widths = [names, masks, places, moves].map { $0.map(\.count).max() ?? 0 }
        var text = ""
        for (index, line) in plan.lines.enumerated() {
            text += padded(names[index], widths[0]) + "  " + padded(masks[index], widths[1]) + "   "
            text += padded(places[index], widths[2]) + "   " + padded(moves[index], widths[3])
            text += "   \(line.perSecond.map { Units.rate($0) + "/s" } ?? "-")\n"
        }
        return text
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    /// What stays: up to three lines of a reason by themselves, more of them in one.
    private func left() -> String {
        var order: [String] = []
        var lines: [String: [LeftLine]] = [:]
        for line in plan.leftAlone where line.reason != AffinityPlanner.unasked {
            if lines[line.reason] == nil { order.append(line.reason) }
            lines[line.reason, default: []].append(line)
        }
        var text = ""
        for reason in order {
            let members = lines[reason] ?? []
            if members.count <= 3 {
                for line in members {
                    let name = SafeText.escaped(
                        line.action.isEmpty ? "irq \(line.irq)" : "irq \(line.irq) \(line.action)")
                    let masks = "\(name)  mask \(line.mask?.list ?? "?")   on \(line.effective?.list ?? "?")"
                    text += sentence("\(masks)   left alone: \(SafeText.escaped(reason))")
                }
            } else if let first = members.first, let last = members.last {
                let names = SafeText.escaped("\(first.action) \(dots) \(last.action)")
                let numbers = CPUSet(members.map(\.irq)).list
                text += sentence(
                    "\(members.count) lines, irq \(numbers) (\(names))   left alone: \(SafeText.escaped(reason))")
            }
        }
        return text
    }

    private func sentence(_ text: String) -> String { Paragraph.fitted(text, indent: 2, width: width) + "\n" }

    // MARK: Writes

    private func writes(_ title: String) -> String {
        var text = style.bold(title) + "\n"
        for write in plan.writes {
            text += "  echo \(write.value) >/\(SafeText.escaped(ShellWord.quoted(write.path)))\n"
        }
        return text
    }

    private func shares() -> String {
        let parts = plan.shares.filter { abs($0.before - $0.after) >= 0.5 }.map {
            "CPU \($0.cpu) \(Units.rate($0.before)) \(arrow) \(Units.rate($0.after))"
        }
        if parts.isEmpty { return "" }
        let shown =
            parts.prefix(32).joined(separator: ", ") + (parts.count > 32 ? ", and \(parts.count - 32) more" : "")
        return row("expected", shown + " interrupts/s, if all comes as in this sample")
    }

    private func end() -> String {
        if plan.isEmpty { return "" }
        var text = plan.refusals.isEmpty ? "nothing written; \(command)\n" : "nothing written; \(command) --force\n"
        let apply = "irqscope affinity apply "
        let words = command.hasPrefix(apply) ? String(command.dropFirst(apply.count)) : plan.goal.rawValue
        text += row(
            "undone by",
            "ifup, ethtool -L and -G, CPU hotplug and a reboot: irqscope affinity apply --quiet writes it again, from a hook or at boot; irqscope affinity plan \(words) --persist tells how"
        )
        return text
    }
}

extension AffinityText {
    /// The results of writing or undoing, a line each.
    public static func results(_ outcome: AffinityOutcome, isQuiet: Bool) -> String {
        var text = ""
        for result in outcome.results where !isQuiet || result.verdict.isTrouble { text += line(result, "") }
        for result in outcome.undone ?? [] where result.verdict != .untouched { text += line(result, "undone: ") }
        return text
    }

    private static func line(_ result: AffinityResult, _ prefix: String) -> String {
        let words = result.words.isEmpty ? "" : "  \(result.words)"
        return SafeText.escaped("\(prefix)\(result.title)  \(result.verdict.rawValue)\(words)") + "\n"
    }

    /// The verdicts of a look, a line each.
    public static func verdicts(_ lines: [AffinityVerify.Line], style: Style = Style()) -> String {
        lines.map { line in
            let word = line.verdict.isBad ? style.alarm(line.verdict.rawValue) : line.verdict.rawValue
            return "\(SafeText.escaped("irq \(line.irq) \(line.action)"))  \(word): \(SafeText.escaped(line.words))\n"
        }.joined()
    }
}
