extension DoctorChecks {
    static let firmware: [any DoctorCheck.Type] = []
}
