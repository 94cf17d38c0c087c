import Foundation
import TestSupport
import Testing

@testable import IRQCore
@testable import TraceInput

/// Traces of Perfetto that are cut, damaged, packed beyond reason, or something else.
@Suite struct PerfettoBadInputTests {
    /// A small trace with a bundle of each kind; packed by columns, with generic events and names of functions.
    static let small: [UInt8] = {
        var trace = PerfettoBuilder()
        trace.packet {
            $0.add(1) {
                $0.add(1, 0)
                $0.irqEntry(100, 36, "a\u{1B}[31m\0b")
                $0.irqExit(150)
                $0.event(160, 327) {
                    $0.add(1, "reschedule_entry")
                    $0.add(2) {
                        $0.add(1, "vector")
                        $0.add(5, 253)
                    }
                }
                $0.event(170, 58) {
                    $0.add(1, 1)
                    $0.add(2, 2)
                }
                $0.add(4) {
                    $0.add(5, "task")
                    $0.add(1, packed: [180, 5])
                    $0.add(2, packed: [0, 1])
                    $0.add(3, packed: [7, 8])
                    $0.add(4, packed: [120, 120])
                    $0.add(6, packed: [0, 0])
                }
            }
            $0.add(12) {
                $0.add(26) {
                    $0.add(1, 2)
                    $0.add(2, "work\nfffff t x")
                }
            }
            $0.add(13, 1)
        }
        trace.bundle(cpu: 1) {
            $0.irqEntry(120, 5, "b")
            $0.irqExit(125, 5)
        }
        return trace.trace.bytes
    }()

    private static func calls(_ bytes: [UInt8]) throws -> UInt64 {
        try Samples.report(bytes)[.irq].reduce(0) { $0 + $1.calls }
    }

    @Test func everyCut() throws {
        #expect(try Self.calls(Self.small) == 2)
        for length in 1..<Self.small.count {
            do {
                #expect(try Self.calls(Array(Self.small.prefix(length))) <= 2)
            } catch let error as RecordingError {
                #expect(!error.problem.isEmpty && !error.advice.isEmpty)
            }
        }
    }

    @Test func everyDamagedByte() throws {
        for place in Self.small.indices {
            for value in [UInt8(0), 0x7F, 0xFF, Self.small[place] ^ 1] {
                var bytes = Self.small
                bytes[place] = value
                _ = try? Samples.report(bytes)
            }
        }
    }

    /// Names with control bytes, and names of functions with a line break, are as harmless as others.
    @Test func namesAreEscaped() throws {
        let report = try Samples.report(Self.small)
        #expect(report[.irq].map { $0.name.printable }.contains { $0.contains("\u{1B}") } == false)
        #expect(report[.work].allSatisfy { $0.name == "work" })
    }

    /// Packed parts that are damaged leave the others; what hung together with them is a gap.
    @Test func damagedParts() throws {
        var bytes = try PerfettoTests.trace("zlib")
        for place in bytes.count / 2..<bytes.count / 2 + 40 { bytes[place] ^= 0x55 }
        let report = try Samples.report(bytes)
        #expect(report.notes.contains { $0.hasPrefix("1 packed parts could not be unpacked") } && !report[.irq].isEmpty)
        #expect(report.ledger.gaps >= 1 && !report.notes.contains { $0.contains("packets are damaged") })
    }

    /// A part may give 64 MiB at the most: a bomb is a damaged part.
    @Test func bombs() throws {
        var trace = PerfettoBuilder()
        let bomb = try run(
            "/usr/bin/python3",
            ["-c", "import sys, zlib; sys.stdout.buffer.write(zlib.compress(bytes(80 << 20), 1))"]
        ).output
        trace.packet { $0.add(50, bytes: [UInt8](bomb)) }
        let error = #expect(throws: RecordingError.self) { try Samples.report(trace.trace.bytes) }
        #expect(error?.problem == "is a trace of Perfetto without ftrace events")
    }

    /// Something else behind a trace is named; another trace behind it is read on, with a gap.
    @Test func concatenated() throws {
        let tail = Self.small + Array("\u{17}\u{8}Dtracing6".utf8) + [0]
        let report = try Samples.report(tail)
        #expect(report.notes.contains { $0.contains("at byte \(Self.small.count) (it looks like trace.dat)") })
        let twice = try Samples.report(Self.small + Self.small)
        #expect(twice[.irq].map(\.calls).reduce(0, +) == 4 && twice.ledger.gaps == 2)
        #expect(twice.notes.contains { $0.contains("several traces") })
    }

    @Test func withoutFtrace() {
        var trace = PerfettoBuilder()
        trace.packet { $0.add(8, 12345) }
        let error = #expect(throws: RecordingError.self) { try Samples.report(trace.trace.bytes) }
        #expect(error?.problem == "is a trace of Perfetto without ftrace events")
    }

    @Test func withoutInterrupts() throws {
        var trace = PerfettoBuilder()
        trace.bundle(cpu: 0) { $0.event(100, 3) { $0.add(2, "hello") } }
        let report = try Samples.report(trace.trace.bytes)
        #expect(report.rows.isEmpty && report.unusedEvents.map(\.name) == ["ftrace:print"])
        #expect(report.notes.contains { $0.contains("no interrupt events") })
    }

    @Test func otherFilesAreNone() {
        for bytes in [
            [0x0A], [0x0A, 0x0A, 0x0A, 0x0A], Array("\n\nhello world\nand more".utf8), [0x0A, 0x02, 0xFF, 0xFF],
            [0x0A] + Array(repeating: 0x20, count: 40) + [0x0A],
        ] as [[UInt8]] {
            let span = bytes.span
            let isPerfetto = PerfettoFormat.isPerfetto(span.bytes)
            #expect(!isPerfetto, "\(bytes)")
        }
    }

    /// The first bytes tell, also where the first packet is a packed one that goes on behind them.
    @Test func firstBytes() throws {
        for form in ["plain", "zlib"] {
            let bytes = Array(try PerfettoTests.trace(form).prefix(512))
            let span = bytes.span
            let isPerfetto = PerfettoFormat.isPerfetto(span.bytes)
            #expect(isPerfetto, "\(form)")
        }
    }
}
