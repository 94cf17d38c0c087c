extension DoctorChecks {
    static let isolation: [any DoctorCheck.Type] = []
}
