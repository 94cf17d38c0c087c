public import IRQCore

/// Plans and their results as JSON (irqscope.affinity.v1).
public enum AffinityJSON {
    /// Writes a plan and the end of its line.
    public static func write(_ plan: AffinityPlan, to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.affinity.v1"))
            json.member("allowed", .text(plan.allowed.list))
            json.member("devices", .texts(plan.devices))
            json.member("goal", .text(plan.goal.rawValue))
            json.member(left, plan.leftAlone.count) { plan.leftAlone[$0] }
            json.member(lines, plan.lines.count) { plan.lines[$0] }
            json.member("notes", .texts(plan.notes))
            json.member(proposals, plan.proposals.count) { plan.proposals[$0] }
            json.member("refusals", .texts(plan.refusals))
            json.member(shares, plan.shares.count) { plan.shares[$0] }
            let writes = plan.writes
            json.member(Self.writes, writes.count) { writes[$0] }
        }
    }

    /// Writes the verdicts of a look.
    public static func write(_ lines: [AffinityVerify.Line], goal: AffinityGoal, to output: inout ByteOutput) {
        output.json { json in
            json.member("schema", .text("irqscope.affinity.verify.v1"))
            json.member("goal", .text(goal.rawValue))
            json.member(verdicts, lines.count) { lines[$0] }
        }
    }

    private static let lines = Section<PlannedLine>(
        "lines", "",
        [
            .init("irq") { .number($0.irq) }, .init("action") { .text($0.identity.actions) },
            .init("device") { .text($0.device) }, .init("mask") { .text($0.mask.list) },
            .init("effective") { .text($0.effective?.list) }, .init("new") { .text($0.new.list) },
            .init("reason") { .text($0.reason) }, .init("first") { .number($0.first) },
            .init("moves_at_once") { .flag($0.movesAtOnce) }, .init("stays") { .flag($0.stays) },
            .init("per_s") { .perSecond($0.perSecond) },
        ])

    private static let left = Section<LeftLine>(
        "left_alone", "",
        [
            .init("irq") { .number($0.irq) }, .init("action") { .text($0.action) },
            .init("device") { .text($0.device) }, .init("mask") { .text($0.mask?.list) },
            .init("effective") { .text($0.effective?.list) }, .init("reason") { .text($0.reason) },
            .init("per_s") { .perSecond($0.perSecond) },
        ])

    private static let writes = Section<PlannedWrite>(
        "writes", "", [.init("path") { .text("/" + $0.path) }, .init("value") { .text($0.value) }])

    private static let shares = Section<PlannedShare>(
        "shares", "",
        [
            .init("cpu") { .number($0.cpu) }, .init("before") { .perSecond($0.before) },
            .init("after") { .perSecond($0.after) },
        ])

    private static let proposals = Section<AffinityProposal>(
        "proposals", "", [.init("command") { .text($0.command) }, .init("reason") { .text($0.reason) }])

    private static let verdicts = Section<AffinityVerify.Line>(
        "lines", "",
        [
            .init("irq") { .number($0.irq) }, .init("action") { .text($0.action) },
            .init("verdict") { .text($0.verdict.rawValue) }, .init("words") { .text($0.words) },
        ])
}
