import Testing
import TestSupport

@testable import IRQCore

/// The deep analysis of streams that no machine at hand makes.
@Suite struct DeepStreamTests {
    // MARK: Clocks

    /// Two tasks on two CPUs that wake each other again and again; the clock of CPU 1 is `shift` nanoseconds behind.
    static func pingPong(shift: Int64, state: UInt64 = 1, latency: UInt64 = 5_000, rounds: Int = 50) -> [DeepStep] {
        var steps: [DeepStep] = []
        func at(_ time: UInt64, _ cpu: Int) -> UInt64 { cpu == 1 ? UInt64(Int64(time) - shift) : time }
        for cpu in 0..<2 {
            let pid = Int32(10 + cpu)
            steps.append(.change(at(900_000, cpu), cpu: cpu, from: pid, "ping\(cpu)", state: state, to: 0, "swapper"))
        }
        for round in 0..<rounds {
            let (from, to) = (round % 2, 1 - round % 2)
            let woken = Int32(10 + to)
            let time = 1_000_000 + UInt64(round) * 100_000
            // The first one is woken by a vector, which is the cause that a row needs.
            steps.append(DeepStep(at(time, from), cpu: from, .vectorEntry, pid: 0, [0]))
            steps.append(.waking(at(time + 1_000, from), cpu: from, by: 0, of: woken, "ping\(to)", target: to))
            steps.append(DeepStep(at(time + 1_500, from), cpu: from, .vectorExit, pid: 0, [0]))
            steps.append(
                .change(at(time + 1_000 + latency, to), cpu: to, from: 0, "swapper", state: 0, to: woken, "ping\(to)"))
            steps.append(
                .change(
                    at(time + 1_000 + latency + 20_000, to), cpu: to, from: woken, "ping\(to)", state: state, to: 0,
                    "swapper"))
        }
        return steps.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }

    @Test func bothDirectionsBoundTheSkew() throws {
        let deep = try #require(deepReport(Self.pingPong(shift: 2_000)))
        #expect(deep.clocks.boundNanoseconds == 10_000)
        #expect(deep.clocks.pairCount == 1)
        #expect(deep.clocks.provenNanoseconds == nil)
        #expect(deep.wakes.map(\.latency.count) == [25, 25])
        // One direction loses what the other gains.
        #expect(Set(deep.wakes.compactMap(\.latency.maximumNanoseconds)) == [3_000, 7_000])
    }

    @Test func skewThatShowsRefusesNumbersAcrossCPUs() throws {
        // Asleep in state D, from which no signal wakes.
        let steps = Self.pingPong(shift: 12_000, state: 2)
        let deep = try #require(deepReport(steps))
        // From CPU 0 to CPU 1 tasks run 5 - 12 = -7 microseconds after they are woken.
        #expect(deep.clocks.provenNanoseconds == 7_000)
        #expect(deep.wakes.allSatisfy { $0.latency.count == 0 && $0.latency.maximumNanoseconds == nil })
        // A clock that is one for all CPUs is believed.
        var options = AnalysisOptions()
        options.isClockDoubtful = false
        let safe = try #require(deepReport(steps, options: options))
        #expect(safe.clocks.provenNanoseconds == nil)
    }

    @Test func oneSleeperThatRunsUnwokenProvesNothing() throws {
        var steps = Self.pingPong(shift: 0)
        let time = steps.last!.time
        // It slept for a signal that came before it was off the CPU; then it is woken while it runs.
        steps += [
            .change(time + 10_000, cpu: 1, from: 0, "swapper", state: 0, to: 11, "ping1"),
            .waking(time + 20_000, cpu: 0, by: 0, of: 11, "ping1", target: 1),
            .change(time + 30_000, cpu: 1, from: 11, "ping1", state: 0, to: 0, "swapper"),
        ]
        let deep = try #require(deepReport(steps))
        #expect(deep.clocks.provenNanoseconds == nil)
        #expect(deep.wakes.contains { $0.latency.count > 0 })
    }

    // MARK: PREEMPT_RT

    @Test func taskThatPreemptsASoftirqIsNotChargedToIt() throws {
        let steps: [DeepStep] = [
            .change(0, cpu: 0, from: 0, "swapper", state: 0, to: 5, "ksoftirqd/0"),
            DeepStep(1_000, cpu: 0, .softirqEntry, pid: 5, [3]),
            // A FIFO task takes the CPU for 10 µs, in which a handler and a softirq of its own run.
            .change(2_000, cpu: 0, from: 5, "ksoftirqd/0", state: 0, to: 6, "fifo"),
            DeepStep(3_000, cpu: 0, .irqEntry, pid: 6, [7], name: "disk"),
            DeepStep(3_500, cpu: 0, .irqExit, pid: 6, [7, 1]),
            DeepStep(4_000, cpu: 0, .softirqEntry, pid: 6, [1]),
            DeepStep(6_000, cpu: 0, .softirqExit, pid: 6, [1]),
            .change(12_000, cpu: 0, from: 6, "fifo", state: 1, to: 5, "ksoftirqd/0"),
            DeepStep(12_100, cpu: 0, .irqEntry, pid: 5, [7], name: "disk"),
            DeepStep(12_400, cpu: 0, .irqExit, pid: 5, [7, 1]),
            DeepStep(13_000, cpu: 0, .softirqExit, pid: 5, [3]),
        ]
        let result = analyzeStream(steps)
        let rows = result.namedRows([:])
        let netRX = try #require(rows.first { $0.key.kind == .softirq && $0.key.number == 3 })
        #expect(netRX.duration.totalNanoseconds == 12_000)
        // 1 µs before, 1 µs after, less 0.3 µs of the handler.
        #expect(netRX.duration.selfNanoseconds == 1_700)
        let timer = try #require(rows.first { $0.key.kind == .softirq && $0.key.number == 1 })
        #expect(timer.duration.selfNanoseconds == 2_000)
        // The same as the time that the CPU spent in softirqs.
        let cpu = try #require(result.deep?.named(functions: [:], places: [:], texts: [:]).cpus.first)
        #expect(cpu.softirqs + cpu.softirqThreads == 1_700 + 2_000)
    }

    // MARK: Causes and choices

    @Test func threadThatPollsIsACause() throws {
        let deep = try #require(
            deepReport([
                .change(0, cpu: 0, from: 9, "server", state: 1, to: 4, "napi/eth0-1"),
                .waking(1_000, cpu: 0, by: 4, of: 9, "server", target: 0),
                .change(5_000, cpu: 0, from: 4, "napi/eth0-1", state: 1, to: 9, "server"),
            ]))
        let wake = try #require(deep.wakes.first)
        #expect(deep.wakes.count == 1 && wake.cause == .packetThread("napi/eth0-1") && wake.name == "server")
        #expect(wake.latency.totalNanoseconds == 4_000)
    }

    @Test func handlerThatOnlyWakesItsThreadIsAStub() throws {
        func calls(_ result: UInt64) -> [DeepStep] {
            [
                .change(0, cpu: 0, from: 9, "task", state: 1, to: 0, "swapper"),
                DeepStep(1_000, cpu: 0, .irqEntry, pid: 0, [5], name: "x"),
                DeepStep(2_000, cpu: 0, .irqExit, pid: 0, [5, 2]),
                DeepStep(3_000, cpu: 0, .irqEntry, pid: 0, [5], name: "x"),
                DeepStep(4_000, cpu: 0, .irqExit, pid: 0, [5, result]),
            ]
        }
        #expect(deepReport(calls(2))?.handlers.map(\.isStub) == [true])
        #expect(deepReport(calls(3))?.handlers.map(\.isStub) == [false])
        #expect(deepReport(calls(1))?.handlers.map(\.isStub) == [false])
    }

    @Test func chosenCPUsAreAllThatIsShown() throws {
        let steps = Self.pingPong(shift: 0)
        let whole = try #require(deepReport(steps))
        for cpu in 0..<2 {
            var options = AnalysisOptions()
            options.cpus = [cpu]
            let deep = try #require(deepReport(steps, options: options))
            #expect(deep.cpus.map(\.cpu) == [cpu])
            // A latency is that of the CPU where the task runs.
            #expect(deep.wakes.map(\.name) == ["ping\(cpu)"])
            let same = try #require(whole.wakes.first { $0.name == "ping\(cpu)" })
            #expect(deep.wakes.first?.latency.totalNanoseconds == same.latency.totalNanoseconds)
            #expect(deep.received.map(\.duration.count) == [25])
        }
    }

    // MARK: Bounds

    @Test func hundredThousandTasksHaveARowEach() throws {
        let count: Int32 = 100_000
        let steps = (0..<count).lazy.flatMap { index -> [DeepStep] in
            let (time, pid) = (UInt64(index) * 10_000, index + 10)
            return [
                DeepStep(time, cpu: 0, .irqEntry, pid: 0, [5], name: "x"),
                .waking(time + 100, cpu: 0, by: 0, of: pid, "t\(index % 50)", target: 0),
                DeepStep(time + 200, cpu: 0, .irqExit, pid: 0, [5, 1]),
                .change(time + 1_100, cpu: 0, from: 0, "swapper", state: 0, to: pid, "t\(index % 50)"),
                .change(time + 2_000, cpu: 0, from: pid, "t\(index % 50)", state: 1, to: 0, "swapper"),
            ]
        }
        let deep = try #require(deepReport(steps))
        #expect(deep.wakes.count == Int(count))
        #expect(deep.wakes.allSatisfy { $0.latency.count == 1 && $0.latency.maximumNanoseconds == 1_000 })
        #expect(deep.count("beyond_limits") == 0)
    }

    @Test func thousandsOfCPUsAreToldApart() throws {
        let count = 4_096
        // Each is woken by the one before it.
        let steps = (0..<count).lazy.flatMap { cpu -> [DeepStep] in
            let (time, pid, next) = (UInt64(cpu) * 10_000, Int32(cpu + 1), (cpu + 1) % count)
            return [
                DeepStep(time, cpu: cpu, .irqEntry, pid: 0, [5], name: "x"),
                .waking(time + 100, cpu: cpu, by: 0, of: pid, "t", target: next),
                DeepStep(time + 200, cpu: cpu, .irqExit, pid: 0, [5, 1]),
                .change(time + 1_100, cpu: next, from: 0, "swapper", state: 0, to: pid, "t"),
                .change(time + 2_000, cpu: next, from: pid, "t", state: 1, to: 0, "swapper"),
            ]
        }
        let deep = try #require(deepReport(steps))
        #expect(deep.cpus.count == count && deep.wakes.count == count)
        #expect(deep.wakes.allSatisfy { $0.latency.maximumNanoseconds == 1_000 })
    }

    @Test func halfADayTakesNoMoreSlicesThanAnHour() throws {
        let hours: UInt64 = 12
        let steps = (0..<hours * 3_600).lazy.flatMap { second -> [DeepStep] in
            let time = second * 1_000_000_000
            return [
                DeepStep(time, cpu: 0, .irqEntry, pid: 0, [5], name: "x"),
                .waking(time + 100, cpu: 0, by: 0, of: 7, "t", target: 0),
                DeepStep(time + 200, cpu: 0, .irqExit, pid: 0, [5, 1]),
                .change(time + 1_100, cpu: 0, from: 0, "swapper", state: 0, to: 7, "t"),
                .change(time + 500_000_000, cpu: 0, from: 7, "t", state: 1, to: 0, "swapper"),
            ]
        }
        let deep = try #require(deepReport(steps))
        let handler = try #require(deep.handlers.first)
        #expect(handler.slices.count <= 600)
        #expect(handler.slices.reduce(0) { $0 + $1.count } == hours * 3_600)
        #expect(deep.wakes.first?.latency.count == hours * 3_600)
    }
}
