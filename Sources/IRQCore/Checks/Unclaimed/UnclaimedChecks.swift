extension DoctorChecks {
    static let unclaimed: [any DoctorCheck.Type] = []
}
