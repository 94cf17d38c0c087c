import Testing

@testable import IRQCore
@testable import Rendering

/// What is said of a flight recording's longest handler.
@Suite struct FlightSentenceTests {
    static func span(_ start: UInt64, _ duration: UInt64, cpu: Int = 0, name: String = "eth0") -> SlowestSpan {
        SlowestSpan(
            row: RowKey(kind: .irq, number: 36, name: name), cpu: cpu, startNanoseconds: start,
            durationNanoseconds: duration, selfNanoseconds: duration, pid: 1, task: nil)
    }

    @Test func sameHandlerNeedsNoWord() {
        #expect(FlightSentence.slow(Self.span(5, 72_000)) == "IRQ 36 (eth0) took 72.0 µs on CPU 0")
        #expect(FlightSentence.difference(triggered: Self.span(5, 9), longest: Self.span(5, 9)) == nil)
    }

    @Test func ratesAreAsEverywhere() {
        #expect(
            FlightSentence.fast("36", "eth0", perSecond: 123_456.7, cpu: 1) == "IRQ 36 (eth0) came 123k times a second on CPU 1")
    }

    @Test(
        arguments: [
            (Self.span(5, 2_870_000), "the longest handler of the recording came before it: IRQ 36 (eth0) took 2.87 ms on CPU 0"),
            (Self.span(15, 80_000), "the longest handler of the recording came after it: IRQ 36 (eth0) took 80.0 µs on CPU 0"),
            (Self.span(10, 72_000, cpu: 1), "the longest handler of the recording came after it: IRQ 36 (eth0) took 72.0 µs on CPU 1"),
            (nil, "the handler that triggered is not in the recording, nor any other: choose a longer --flight"),
            (
                Self.span(15, 1_000),
                "the handler that triggered is not in the recording, whose longest is this: IRQ 36 (eth0) took 1.00 µs on CPU 0; "
                    + "choose a longer --flight or a larger --buffer-size"
            ),
        ] as [(SlowestSpan?, String)])
    func differenceIsSaid(longest: SlowestSpan?, sentence: String) {
        #expect(FlightSentence.difference(triggered: Self.span(10, 72_000), longest: longest) == sentence)
    }
}
