/// The outcome of all checks over a box.
public struct DoctorRun: Sendable {
    /// The findings: the gravest first, a cause before what it brings.
    public private(set) var findings: [DoctorFinding] = []
    /// The checks that could not judge, and the reason of each.
    public private(set) var unknown: [(check: String, reason: String)] = []
    /// The number of checks that judged.
    public private(set) var checkedCount = 0

    /// Judges a box.
    ///
    /// - Parameter checks: the checks; all of them unless told otherwise.
    public init(_ box: Examination, checks: [any DoctorCheck.Type] = DoctorChecks.all) {
        for check in checks {
            var found: [DoctorFinding] = []
            do throws(Unjudged) {
                try check.judge(box, &found)
                if !box.isIntervalKnown, found.contains(where: \.isRate) {
                    throw Unjudged("proc/uptime does not tell over how long the counts are")
                }
                if box.missesLines, let problem = box.tableProblems.first, check.about.readsLines {
                    throw Unjudged(problem)
                }
                if !box.namesCPUs, check.needsCPUs { throw Unjudged(Examination.unnamedCPUs) }
                checkedCount += 1
            } catch {
                if !box.isIntervalKnown { found.removeAll(where: \.isRate) }
                unknown.append((check.about.name, error.reason))
            }
            for index in found.indices { finish(&found[index], check, box) }
            findings += found.sorted { ($0.severity, $0.weight) > ($1.severity, $1.weight) }
        }
        nameUnknown()
        hide(checks)
        findCauses(checks)
        order()
    }

    private func finish(_ finding: inout DoctorFinding, _ check: any DoctorCheck.Type, _ box: Examination) {
        finding.check = check.about.name
        finding.isBackground = check.isBackground && finding.severity == .note
        if finding.trust.isEmpty { finding.trust = check.about.trust }
        if finding.sources.isEmpty { finding.sources = check.about.reads }
        if box.missesLines, check.about.readsLines {
            finding.trust += (finding.trust.isEmpty ? "" : "; ") + "lines are missing: proc/interrupts was damaged"
        }
        guard finding.isRate, box.isSinceBoot else { return }
        // A mean since boot proves nothing about now.
        finding.severity = .note
        finding.evidence += " (mean since boot)"
    }

    /// Names the checks that are unknown for what a finding tells.
    private mutating func nameUnknown() {
        findings = findings.compactMap { finding in
            guard let hidden = finding.hidden else { return finding }
            func isFor(_ reason: String, _ marks: [String]) -> Bool { marks.contains { reason.has($0) } }
            let parts = hidden.filter { part in unknown.contains { isFor($0.reason, part.marks) } }
            let names = unknown.filter { entry in parts.contains { isFor(entry.reason, $0.marks) } }.map(\.check)
            guard !names.isEmpty else { return nil }
            var finding = finding
            let list = names.prefix(6).joined(separator: ", ") + (names.count > 6 ? ", …" : "")
            let words = parts.map(\.words).joined(separator: "; ")
            finding.evidence = "\(names.count) \(names.count == 1 ? "check" : "checks") unknown: \(words) (\(list))"
            return finding
        }
    }

    private mutating func hide(_ checks: [any DoctorCheck.Type]) {
        var hidden: Set<Int> = []
        for check in checks where !check.hiddenBy.isEmpty {
            for index in findings.indices where findings[index].check == check.about.name {
                let isHidden = findings.contains { check.hiddenBy.contains($0.check) && $0.tells(findings[index]) }
                if isHidden { hidden.insert(index) }
            }
        }
        findings = findings.indices.filter { !hidden.contains($0) }.map { findings[$0] }
    }

    private mutating func findCauses(_ checks: [any DoctorCheck.Type]) {
        for check in checks where !check.causes.isEmpty {
            for index in findings.indices where findings[index].check == check.about.name {
                for cause in check.causes where cause != check.about.name {
                    let found = findings.first { $0.check == cause && $0.overlaps(findings[index]) }
                    // Two findings are not each other's cause; notes do not cause anything worse.
                    guard let found, found.cause != check.about.name,
                        found.severity > .note || findings[index].severity == .note
                    else { continue }
                    findings[index].cause = cause
                    findings[index].next = []
                    findings[index].undo = nil
                    break
                }
            }
        }
    }

    /// Sorts by weight, but puts a cause before its effects.
    private mutating func order() {
        var rest = findings
        rest = DoctorSeverity.allCases.reversed().flatMap { severity in rest.filter { $0.severity == severity } }
        var result: [DoctorFinding] = []
        var isPlaced = [Bool](repeating: false, count: rest.count)
        func place(_ index: Int, _ depth: Int) {
            guard !isPlaced[index] else { return }
            isPlaced[index] = true
            if let cause = rest[index].cause, depth < 8 {
                for other in rest.indices where rest[other].check == cause && rest[other].overlaps(rest[index]) {
                    place(other, depth + 1)
                }
            }
            result.append(rest[index])
        }
        for index in rest.indices { place(index, 0) }
        findings = result
    }

    /// The number of findings of a severity.
    public func count(_ severity: DoctorSeverity) -> Int { findings.count { $0.severity == severity } }
}
