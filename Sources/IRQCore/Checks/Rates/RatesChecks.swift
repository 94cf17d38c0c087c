extension DoctorChecks {
    static let rates: [any DoctorCheck.Type] = [ACPIStormCheck.self]
}
