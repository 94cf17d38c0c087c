extension DoctorChecks {
    static let unclaimed: [any DoctorCheck.Type] = [
        UnhandledRisingCheck.self, IRQDisabledCheck.self, INTxSharedCheck.self, MSIOffCheck.self, StrayVectorCheck.self,
        VectorsFullCheck.self,
    ]
}
