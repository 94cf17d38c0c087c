extension DoctorChecks {
    static let disks: [any DoctorCheck.Type] = [BlockQueuesCheck.self, BlockIsolatedCheck.self]
}
