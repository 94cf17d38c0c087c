extension DoctorChecks {
    static let placement: [any DoctorCheck.Type] = [
        ServedOutsideCheck.self, MovePendingCheck.self, OneCPUDeviceCheck.self, OneCPUAllCheck.self, MaskLostCheck.self,
        DefaultMaskCheck.self, FixedLinesCheck.self, ManagedDownCheck.self, PairSplitCheck.self,
    ]
}
