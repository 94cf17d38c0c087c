extension DoctorChecks {
    static let threads: [any DoctorCheck.Type] = [KsoftirqdCheck.self]
}
