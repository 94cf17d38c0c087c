import ScaleModel
import Testing

@testable import IRQCore

/// Hours of what `make scale` does for a year: no false alarm on boxes that are well, and what goes wrong is noticed.
@Suite struct AlertSimulationTests {
    @Test(arguments: ["idle laptop", "small VM", "board with CPU hotplug", "desktop"]) func boxesThatAreWell(_ name: String) throws {
        let kind = try #require(HealthyKinds.all.first { $0.name == name })
        var simulation = AlertSimulation(kind, seed: 3)
        for _ in 0..<60 { try simulation.step() }
        let told = simulation.told.map { "\($0.minute): \($0.finding.level) \($0.finding.key.verdict) \($0.finding.subject.label)" }
        #expect(told.isEmpty)
    }

    /// Masks that are moved away and back between two runs, several times in a row.
    @Test func masksThatMoveAreNotMissed() throws {
        var kind = HealthyKinds.smallVM
        (kind.movesPerTurn, kind.bootsPerYear) = (0.4, 0)
        var simulation = AlertSimulation(kind, seed: 1)
        simulation.samplesBursts = false
        for _ in 0..<100 { try simulation.step() }
        let told = simulation.told.filter { $0.finding.key.aspect == .outsideMask }.map(\.minute)
        #expect(told.isEmpty)
    }

    @Test(arguments: SickKinds.all.map { $0.sickness?.name ?? "" }) func whatGoesWrongIsNoticed(_ name: String) throws {
        let kind = try #require(SickKinds.all.first { $0.sickness?.name == name })
        var simulation = AlertSimulation(kind, seed: 5)
        simulation.samplesBursts = false
        simulation.box.sickFrom = 10
        // A machine check a day is the only one that is rare.
        var errors = simulation.box.kind
        if kind.sickness?.verdict == .errors {
            errors.sickness = Sickness("many", .errors(row: "MCE", perMonth: 43_200), .errors)
            simulation = AlertSimulation(errors, seed: 5)
            simulation.box.sickFrom = 10
        }
        for _ in 0..<16 { try simulation.step() }
        let told = simulation.told.filter { $0.minute >= 10 && $0.finding.key.verdict == kind.sickness?.verdict }
        #expect(!told.isEmpty)
    }
}
