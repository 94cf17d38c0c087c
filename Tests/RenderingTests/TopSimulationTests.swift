import ScaleModel
import Testing

/// A minute of what `make scale` does for a day: rows and CPUs that come and go under `top`.
@Suite struct TopSimulationTests {
    @Test(arguments: [1, 2, 3] as [UInt64]) func numbersAreThoseOfTheModel(_ seed: UInt64) throws {
        let simulation = TopSimulation(cpus: 5, rows: 16, seed: seed)
        for _ in 0..<400 { try simulation.step() }
        let differences = simulation.differences
        #expect(differences.isEmpty, "seed \(seed)")
        #expect(simulation.screenCount == 400 && simulation.countedInterrupts > 0)
        #expect(simulation.highestRate <= simulation.highestModelRate * 1.000001)
    }
}
