import Testing

@testable import IRQCore

@Suite struct BudgetTests {
    @Test func presetsAndLimitsAreRead() throws {
        let budget = try Budget("windows,thread=20us,softirq=2ms")
        #expect(budget[.hardirq] == 25_000 && budget[.softirq] == 2_000_000 && budget[.thread] == 20_000)
        #expect(budget[.work] == nil)
        #expect(budget.limits.map(\.subject) == [.hardirq, .softirq, .thread])
        #expect(budget.limits.map(\.preset) == ["windows", nil, nil])
        // A preset after a limit of the user's takes its place.
        #expect(try Budget("softirq=1us,windows")[.softirq] == 100_000)
    }

    @Test(arguments: ["", "linux", "hardirq", "hardirq=", "hardirq=25", "hardirq=0us", "disk=1ms", "windows,", "rt=1us"])
    func nonsenseIsRefused(text: String) {
        #expect(throws: FailCondition.ParseError.self) { try Budget(text) }
    }

    @Test(arguments: Budget.presets.map(\.name))
    func presetsHaveSources(name: String) throws {
        let preset = try #require(try Budget(name).presetsUsed.first)
        #expect(preset.name == name && preset.source.count > 20)
    }
}
