extension DoctorChecks {
    static let network: [any DoctorCheck.Type] = [
        QueuesFewCheck.self, QueueSkewCheck.self, RPSMaskCheck.self, XPSMaskCheck.self, CoalescingCheck.self,
        RingDropsCheck.self, BacklogDropsCheck.self, SoftnetSqueezeCheck.self, TransmitTimeoutCheck.self,
        NAPIThreadCheck.self,
    ]
}
