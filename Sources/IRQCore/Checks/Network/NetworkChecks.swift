extension DoctorChecks {
    static let network: [any DoctorCheck.Type] = []
}
