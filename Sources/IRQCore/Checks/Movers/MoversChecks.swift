extension DoctorChecks {
    static let movers: [any DoctorCheck.Type] = []
}
