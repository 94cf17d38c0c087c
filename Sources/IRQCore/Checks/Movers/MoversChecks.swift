extension DoctorChecks {
    static let movers: [any DoctorCheck.Type] = [
        IrqbalanceMovesCheck.self, IrqbalanceConflictCheck.self, IrqbalanceBansCheck.self, TwoMastersCheck.self,
    ]
}
