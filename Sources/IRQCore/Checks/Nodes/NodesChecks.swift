extension DoctorChecks {
    static let nodes: [any DoctorCheck.Type] = []
}
