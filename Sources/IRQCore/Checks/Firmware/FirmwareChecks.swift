extension DoctorChecks {
    static let firmware: [any DoctorCheck.Type] = [
        IdleLatencyCheck.self, SMICheck.self, ClocksourceCheck.self, StolenTimeCheck.self, SlowKernelCheck.self,
        LockupCheck.self, IRQTimeHiddenCheck.self, ToolsHiddenCheck.self,
    ]
}
