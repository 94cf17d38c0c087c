extension DoctorChecks {
    static let nodes: [any DoctorCheck.Type] = [NUMARemoteCheck.self, GPULinesCheck.self]
}
