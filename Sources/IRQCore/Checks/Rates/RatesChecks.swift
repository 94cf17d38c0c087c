extension DoctorChecks {
    static let rates: [any DoctorCheck.Type] = [
        StormLineCheck.self, ACPIStormCheck.self, IPIRateCheck.self, NMIRateCheck.self, ThermalCheck.self,
        MachineCheckCheck.self, APICErrorsCheck.self,
    ]
}
