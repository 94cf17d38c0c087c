extension DoctorChecks {
    static let isolation: [any DoctorCheck.Type] = [
        IsoLinesCheck.self, IsoTickCheck.self, IsoSetsCheck.self, IsoSiblingCheck.self, IsoWorkqueueCheck.self,
        IsoPartitionCheck.self, IsoNoiseCheck.self,
    ]
}
