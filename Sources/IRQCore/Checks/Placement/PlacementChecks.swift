extension DoctorChecks {
    static let placement: [any DoctorCheck.Type] = [DefaultMaskCheck.self]
}
