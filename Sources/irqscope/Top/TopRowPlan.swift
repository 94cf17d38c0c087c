internal import IRQCore
internal import KernelSource
internal import Rendering

/// The plan for the device behind a row of `top`, as `affinity plan` prints it. Nothing is written.
struct TopRowPlan {
    var roots: KernelRoots
    /// True if the screen shows all characters.
    var isUnicode: Bool

    /// The lines of the page, of which the first is its title.
    ///
    /// - Parameter serial: the row's (`RowInterval.serial`).
    func lines(_ live: Box, serial: UInt32) -> [String] {
        let rows = 0..<live.interrupts.sample.table.rowCount
        guard let row = rows.first(where: { live.interrupts.interval($0).serial == serial }) else {
            return ["No plan", "This interrupt is gone."]
        }
        let details = live.details(row)
        guard let irq = details.irq else {
            return ["No plan for \(details.label)", "It has no mask: the kernel alone decides which CPUs it comes to."]
        }
        do throws(ExaminationError) {
            return try lines(live, irq: irq, marks: live.marks[row])
        } catch {
            return ["No plan for interrupt \(irq)", "\(roots.proc): \(error)"]
        }
    }

    private func lines(_ live: Box, irq: Int, marks: RowMarks) throws(ExaminationError) -> [String] {
        let examination = try roots.isLive ? ExaminationSource.examine(nil) : ExaminationSource.examine(copy: roots)
        var box = AffinityBox(examination)
        // In one look at the running kernel rates are means since boot; a copy has those that `affinity plan` takes.
        if roots.isLive {
            box.takeRates(of: live)
            box.hasUnfinishedState = AffinityPlanCommand.keptState().map { $0.phase != .applied } ?? false
        }
        guard let line = box.lines.first(where: { $0.irq == irq }) else {
            return ["No plan for interrupt \(irq)", "It is gone."]
        }
        guard let device = box.planName(of: line) else {
            return ["No plan for interrupt \(irq)", "Nobody handles it, and no device is known."]
        }
        var wishes = AffinityWishes(box.goal(of: line, marks: marks))
        wishes.devices = [device]
        let commands = examination.affinityCommands(wishes.goal.rawValue, device: device)
        let (plan, style) = (AffinityPlanner.plan(box, wishes), Style(isUnicode: isUnicode))
        let text = AffinityText(plan, box, command: commands.next.last ?? "", style: style).text()
        let title = commands.next.first.map { [$0] } ?? []
        return title + text.split(separator: "\n").map(String.init)
    }
}
