internal import IRQCore

/// The work that follows an interrupt in words: a part that stands among a finding's evidence.
struct WorkSentence {
    /// One part, or none where nothing is to be said.
    let parts: [String]

    init(_ work: Work?) {
        guard let work else {
            parts = []
            return
        }
        let amount = work.kind.map { Self.amount($0, work.perSecond) }
        switch work.verdict {
        case .follows: parts = amount.map { ["\($0) follow"] } ?? []
        case .some: parts = amount.map { ["only \($0) follow"] } ?? []
        case .nothing: parts = ["nothing follows it"]
        case .unknown: parts = ["what follows it is unknown: \(work.reason ?? "it is too slow")"]
        }
    }

    private static func amount(_ kind: Work.Kind, _ perSecond: Double) -> String {
        let rate = "\(Units.rate(perSecond))/s"
        switch kind {
        case .netRX: return "\(rate) NET_RX"
        case .block: return "\(rate) BLOCK"
        case .tasklet: return "\(rate) TASKLET"
        case .requests: return "\(rate) completed requests"
        case .packets: return "\(rate) packets"
        case .thread: return "threads with \(Units.percent(perSecond / 1e9)) of a CPU"
        }
    }
}
