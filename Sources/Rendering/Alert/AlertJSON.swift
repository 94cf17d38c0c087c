internal import IRQCore

/// A run as JSON (irqscope.alert.v1).
public enum AlertJSON {
    /// Writes the document.
    ///
    /// - Parameter kernel: the kernel's release; nil if unknown.
    public static func bytes(_ report: AlertReport, bootID: String, kernel: String?) throws -> [UInt8] {
        try JSONDocument.encode(
            Document(
                status: report.statusName, exitStatus: report.exitStatus, time: report.time.wall,
                intervalNs: Nullable(report.intervalNanoseconds), kernel: Nullable(kernel),
                bootId: Nullable(bootID.isEmpty ? nil : bootID), collectingBaseline: report.isFirst,
                maintenance: report.isMaintenance, rows: report.rowCount, cpus: report.cpuCount,
                devicePerS: Nullable(report.devicePerSecond), findings: report.findings.map { Finding($0, report) },
                problems: report.problems))
    }

    private struct Document: Encodable {
        let schema = "irqscope.alert.v1"
        let status: String
        let exitStatus: Int32
        let time: UInt64
        let intervalNs: Nullable<UInt64>
        let kernel: Nullable<String>
        let bootId: Nullable<String>
        let collectingBaseline: Bool
        let maintenance: Bool
        let rows: Int
        let cpus: Int
        let devicePerS: Nullable<Double>
        let findings: [Finding]
        let problems: [String]
    }

    private struct Finding: Encodable {
        let verdict: String
        let aspect: String
        let level: String
        let previousLevel: String
        let changed: Bool
        let ending: Nullable<String>
        let label: Nullable<String>
        let irq: Nullable<Int>
        let action: Nullable<String>
        let device: Nullable<String>
        let cpu: Nullable<Int>
        let since: Nullable<UInt64>
        let lastedNs: Nullable<UInt64>
        let perS: Nullable<Double>
        let totalPerS: Nullable<Double>
        let delta: Nullable<UInt64>
        let warn: Nullable<Double>
        let crit: Nullable<Double>
        let peak: Nullable<Double>
        let usualPerS: Nullable<Double>
        let againstHistory: Bool
        let affinity: Nullable<String>
        let unhandledShare: Nullable<Double>
        let unhandledLeft: Nullable<UInt64>
        let disabled: Bool
        let disabledSource: Nullable<String>
        let irqTimeShare: Nullable<Double>
        let softirqTimeShare: Nullable<Double>
        let ksoftirqdShare: Nullable<Double>
        let softirq: Nullable<String>
        let cpuShare: Nullable<Double>
        let queues: Nullable<Int>
        let handlerCpuShare: Nullable<Double>
        let handlerUnhandledShare: Nullable<Double>
        let handlerThreadShare: Nullable<Double>
        let handlerCpu: Nullable<Int>
        let handlerCalls: Nullable<UInt64>
        let handlerMeanNs: Nullable<Double>
        let handlerP99Ns: Nullable<UInt64>
        let handlerMaxNs: Nullable<UInt64>
        let handlerLostEvents: Nullable<UInt64>
        let handlerLookNs: Nullable<UInt64>
        let handlerActions: Nullable<[Action]>
        let handlerProblem: Nullable<String>
        let message: String
        let next: String

        init(_ finding: AlertFinding, _ report: AlertReport) {
            let evidence = finding.evidence
            let sentence = AlertSentence(finding, clock: report.clock)
            verdict = finding.key.verdict.name
            aspect = finding.key.aspect.name
            level = finding.level.name
            previousLevel = finding.previousLevel.name
            changed = finding.isChange
            ending = Nullable(finding.ending?.rawValue)
            label = Nullable(finding.subject.label.isEmpty ? nil : finding.subject.label)
            irq = Nullable(finding.subject.irq)
            action = Nullable(finding.subject.action.isEmpty ? nil : finding.subject.action)
            device = Nullable(finding.subject.device.isEmpty ? nil : finding.subject.device)
            cpu = Nullable(finding.subject.cpu)
            let isActive = finding.level > .ok
            since = Nullable(isActive ? finding.sinceWallNanoseconds : nil)
            lastedNs = Nullable(isActive ? finding.lastedNanoseconds : nil)
            perS = Nullable(evidence.perSecond)
            totalPerS = Nullable(evidence.totalPerSecond)
            delta = Nullable(evidence.delta)
            warn = Nullable(finding.warn)
            crit = Nullable(finding.crit)
            peak = Nullable(isActive ? finding.peak : nil)
            usualPerS = Nullable(evidence.usualPerSecond)
            againstHistory = evidence.isAgainstHistory
            affinity = Nullable(evidence.affinity)
            unhandledShare = Nullable(evidence.unhandledShare)
            unhandledLeft = Nullable(evidence.unhandledLeft)
            disabled = evidence.isDisabled
            disabledSource = Nullable(
                evidence.isDisabled ? evidence.isDisabledForSure ? "debugfs" : "counters" : nil)
            irqTimeShare = Nullable(evidence.irqTimeShare)
            softirqTimeShare = Nullable(evidence.softirqTimeShare)
            ksoftirqdShare = Nullable(evidence.ksoftirqdShare)
            softirq = Nullable(evidence.softirq)
            cpuShare = Nullable(evidence.cpuShare)
            queues = Nullable(evidence.queueCount)
            let look = evidence.handler
            handlerCpuShare = Nullable(look?.cpuShare)
            handlerUnhandledShare = Nullable(look?.unhandledShare)
            handlerThreadShare = Nullable(look?.threadShare)
            handlerCpu = Nullable(look?.cpu)
            handlerCalls = Nullable(look?.calls)
            handlerMeanNs = Nullable(look?.meanNanoseconds)
            handlerP99Ns = Nullable(look?.p99Nanoseconds)
            handlerMaxNs = Nullable(look?.maximumNanoseconds)
            handlerLostEvents = Nullable(look?.lostEvents)
            handlerLookNs = Nullable(look?.nanoseconds)
            handlerActions = Nullable(look?.actions.map(Action.init))
            handlerProblem = Nullable(evidence.handlerProblem)
            message = sentence.what + (sentence.evidence.isEmpty ? "" : " (\(sentence.evidence))")
            next = sentence.next
        }
    }

    /// One handler of a line.
    private struct Action: Encodable {
        let action: String
        let calls: UInt64
        let unhandled: UInt64
        let wakeThread: UInt64
        let totalNs: UInt64

        init(_ action: HandlerLook.Action) {
            self.action = action.name
            (calls, unhandled, wakeThread) = (action.calls, action.unhandled, action.wokeThread)
            totalNs = action.totalNanoseconds
        }
    }
}
