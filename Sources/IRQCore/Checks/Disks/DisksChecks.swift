extension DoctorChecks {
    static let disks: [any DoctorCheck.Type] = []
}
