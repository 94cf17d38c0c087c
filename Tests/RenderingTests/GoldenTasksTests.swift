import Foundation
import IRQCore
import TestSupport
import Testing

@testable import Rendering

/// What `top --deep` shows of a recording of a PREEMPT_RT kernel that comes as a live trace would, against whole files in
/// Fixtures/golden/top.
@Suite struct GoldenTasksTests {
    /// The second of three intervals.
    static func machine() throws -> Box {
        let live = Box()
        live.time.wall = 1_790_000_000_000_000_000
        for time in 1...2 as ClosedRange<UInt64> {
            let rows: [LiveFixture.Row] = [
                ("25", [time * 390, 0], "PCI-MSIX-0000:00:01.0   1-edge      virtio0-req.0"),
                ("33", [0, time * 300], "PCI-MSIX-0000:00:02.0   1-edge      eth0-rx-0"), ("LOC", [250 * time, 250 * time], "Timer"),
            ]
            let softirqs: [LiveFixture.Row] = [("NET_RX", [0, 600 * time], "")]
            try LiveFixture.sample(live, cpus: [0, 1], rows: rows, softirqs: softirqs, at: time * LiveFixture.second)
        }
        let recording = try FollowedRecording(Places.fixtures.appendingPathComponent("deep/rt-6.12.dat").path)
        var left = 2
        struct Enough: Error {}
        do {
            try recording.play(into: live, intervals: 3) {
                left -= 1
                if left == 0 { throw Enough() }
            }
        } catch is Enough {}
        return live
    }

    @Test(arguments: [(80, true), (80, false), (120, true), (160, true)]) func screens(width: Int, isUnicode: Bool) throws {
        let live = try Self.machine()
        let views: [(String, TopState.View)] = [
            ("followed", .tasks), ("threads", .interrupts), ("task-thread", .task), ("task", .task), ("task-gone", .task),
        ]
        for (name, view) in views {
            var frame = TopScreen(facts: TopFacts(kernel: "6.12.1", clock: "12:34:56", root: nil))
            var state = TopState()
            (state.view, state.isDeep) = (view, true)
            // The thread of interrupt 33, cyclictest, and nobody.
            state.task = name == "task-thread" ? 224 : name == "task" ? 441 : 4_000_000
            var screen = Screen(isUnicode: isUnicode)
            screen.begin(rowCount: 24, columnCount: width)
            frame.draw(live, &state, on: &screen)
            let text = TopScreenTests.lines(screen).joined(separator: "\n")
            try GoldenScreenTests.compare("\(name)-\(width)\(isUnicode ? "" : "-plain").txt", text)
        }
    }

    @Test func batch() throws {
        let live = try Self.machine()
        var frame = TopScreen(facts: TopFacts(kernel: "6.12.1", clock: "12:34:56", root: nil))
        var state = TopState()
        state.showsCursor = false
        var screen = Screen(isUnicode: true)
        frame.arrangeBatch(live, state)
        screen.begin(rowCount: frame.batchRowCount(live), columnCount: 160)
        let count = frame.drawBatch(live, &state, on: &screen)
        let text = TopScreenTests.lines(screen).prefix(count).joined(separator: "\n") + "\n"
        try GoldenScreenTests.compare("batch-deep.txt", text)
        let collected = GoldenScreenTests.Collected()
        var json = collected.output()
        TopJSON.write(live, RowChoice(live), to: &json)
        json.flush()
        try GoldenScreenTests.compare("batch-deep.json", collected.takeText())
        var csv = collected.output()
        TopCSV.writeTitle(isDeep: true, to: &csv)
        TopCSV.write(live, RowChoice(live), isDeep: true, to: &csv)
        csv.flush()
        try GoldenScreenTests.compare("batch-deep.csv", collected.takeText())
    }

    /// Each key of the view orders by what it says.
    @Test func ordersAreThoseOfTheNumbers() throws {
        let live = try Self.machine()
        let tasks = live.tracing.deep.tasks
        #expect(tasks.count > 10)
        var state = TopState()
        state.view = .tasks
        func order(_ key: TopState.SortKey) -> [LiveTask] {
            state.order = TopState.SortOrder(key)
            var order = RowOrder()
            order.arrangeTasks(live, state)
            #expect(order.rows.count == tasks.count)
            return order.rows.map { tasks[Int($0)] }
        }
        func falls(_ values: [UInt64?]) -> Bool {
            let known = values.compactMap { $0 }
            return known == known.sorted(by: >) && values.prefix(known.count).allSatisfy { $0 != nil }
        }
        #expect(falls(order(.max).map(\.wakes.longestNanoseconds)))
        #expect(falls(order(.p99).map(\.wakes.p99Nanoseconds)))
        #expect(falls(order(.p50).map(\.wakes.p50Nanoseconds)))
        #expect(falls(order(.rate).map(\.wakes.calls)))
        #expect(falls(order(.cpu).map(\.lostNanoseconds)))
        #expect(falls(order(.total).map { $0.service == nil ? nil : $0.runs.totalNanoseconds }))
        #expect(order(.irq).map(\.pid) == tasks.map(\.pid).sorted())
        #expect(order(.name).map(\.name) == tasks.map(\.name).sorted())
    }

    /// A narrow terminal has a number of each task, and the order where it finds room beside that.
    @Test(arguments: [(33, false), (40, false), (44, true), (80, true)]) func narrowTerminalsHaveNumbers(
        columnCount: Int, hasOrder: Bool
    ) throws {
        let live = try Self.machine()
        var frame = TopScreen(facts: TopFacts(kernel: nil, clock: "", root: nil))
        var state = TopState()
        state.view = .tasks
        var screen = Screen(isUnicode: false)
        screen.begin(rowCount: 40, columnCount: columnCount)
        frame.draw(live, &state, on: &screen)
        let title = try #require(TopScreenTests.lines(screen).first { $0.contains("PID task") })
        #expect(title.contains("wakemax"), "\(title)")
        #expect(title.contains("by max") == hasOrder, "\(title)")
    }

    /// A filter has number, name and cause, whatever the case; Esc clears it, and Enter on a row opens its page.
    @Test func filterAndPageAreReachedByKeys() throws {
        let live = try Self.machine()
        var frame = TopScreen(facts: TopFacts(kernel: nil, clock: "", root: nil))
        var state = TopState()
        state.view = .tasks
        var lines: [String] = []
        func draw() {
            var screen = Screen(isUnicode: false)
            screen.begin(rowCount: 40, columnCount: 160)
            frame.draw(live, &state, on: &screen)
            lines = TopScreenTests.lines(screen)
        }
        func press(_ keys: TopKey...) {
            for key in keys {
                let (view, rowCount) = (state.view, frame.rowCount)
                state.take(key, rowCount: rowCount, pageCount: 20) { frame.serial(live, view, $0) }
            }
            draw()
        }
        func type(_ text: String) {
            press(.character(0x2F))
            for scalar in text.unicodeScalars { press(.character(scalar.value)) }
        }
        draw()
        let all = frame.rowCount
        let tasks = live.tracing.deep.tasks
        for (text, wanted) in [
            ("CYCLIC", tasks.filter { $0.name == "cyclictest" }), ("224", tasks.filter { "\($0.pid)".contains("224") }),
            ("softirq hrtimer", tasks.filter { $0.cause.map(DeepColumns.words) == "softirq HRTIMER" }),
        ] {
            type(text)
            press(.enter)
            #expect(!wanted.isEmpty && frame.rowCount == wanted.count && state.taskFilter == text, "\(text)")
            #expect(lines.contains { $0.contains("filter: \(text)") })
            press(.escape)
            #expect(state.taskFilter.isEmpty && frame.rowCount == all)
        }
        type("nobody")
        #expect(lines.contains { $0.contains("nothing matches the filter") })
        press(.escape)
        press(.enter)
        #expect(state.view == .task && lines.contains { $0.contains("Task \(state.task) ") })
        press(.escape)
        #expect(state.view == .tasks && frame.rowCount == all)
    }

    /// The view says why it is empty.
    @Test func emptyViewSaysWhy() throws {
        let live = Box()
        var frame = TopScreen(facts: TopFacts(kernel: nil, clock: "", root: nil))
        var state = TopState()
        state.view = .tasks
        func text() -> String {
            var screen = Screen(isUnicode: false)
            screen.begin(rowCount: 24, columnCount: 100)
            frame.draw(live, &state, on: &screen)
            return TopScreenTests.lines(screen).joined(separator: "\n")
        }
        #expect(text().contains("  tasks are not followed: nothing is traced"))
        live.changeTracing { $0.start(vectorNames: [], missingEvents: []) }
        #expect(text().contains("  tasks are not followed; d follows them"))
        live.changeTracing { $0.start(vectorNames: [], missingEvents: [], isDeep: true) }
        #expect(text().contains("  the first interval is not over"))
        live.changeTracing { $0.endInterval(nanoseconds: 1) }
        #expect(text().contains("  no task was woken by interrupts"))
    }

    /// A trace that ends while its tasks are on the screen leaves no row behind to go to.
    @Test func keysAfterTheEndOfATraceFindNoTask() throws {
        let live = try Self.machine()
        var frame = TopScreen(facts: TopFacts(kernel: nil, clock: "", root: nil))
        var state = TopState()
        state.view = .tasks
        var screen = Screen(isUnicode: false)
        screen.begin(rowCount: 24, columnCount: 100)
        frame.draw(live, &state, on: &screen)
        let before = frame.serial(live, .tasks, 3)
        live.changeTracing { $0.stop(reason: nil) }
        let after = frame.serial(live, .tasks, 3)
        #expect(before != nil && after == nil)
    }
}
