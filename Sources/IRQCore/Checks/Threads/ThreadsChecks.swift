extension DoctorChecks {
    static let threads: [any DoctorCheck.Type] = [
        KsoftirqdCheck.self, IRQCPUFullCheck.self, IRQThreadMaskCheck.self, IRQThreadPriorityCheck.self,
        RTThrottleCheck.self,
    ]
}
