import Foundation
import Testing
import TestSupport

@testable import IRQCore

/// CPU masks and lists as the kernel prints them (lib/vsprintf.c `bitmap_string`, `bitmap_list_string`).
@Suite struct CPUSetTests {
    static func mask(_ text: String) -> CPUSet? {
        var set = CPUSet([3])
        return withSpan(text) { set.readMask($0) } ? set : nil
    }

    static func list(_ text: String) -> CPUSet? {
        var set = CPUSet([3])
        return withSpan(text) { set.readList($0) } ? set : nil
    }

    @Test(
        arguments: [
            ("0", ""), ("1", "0"), ("3\n", "0-1"), ("f", "0-3"), ("ff", "0-7"), ("1f", "0-4"), ("A", "1,3"), ("fff", "0-11"),
            ("00000000,00000001", "0"), ("1,00000000", "32"), ("3,ffffffff\n", "0-33"), ("80000000,00000000", "63"),
            ("ffff,ffffffff,ffffffff", "0-79"), ("8,00000000,00000000 \r\n", "67"), ("0,00000000", ""),
            ("00000000,80000001,00000000,00000005", "0,2,64,95"),
        ] as [(String, String)])
    func masksAreRead(text: String, list: String) throws {
        #expect(try #require(Self.mask(text)).list == list)
    }

    @Test(arguments: [
        "", "\n", "  ", "x", "0x3", "3,", ",3", "3,ffff", "3,,00000000", "ffffffff,", "1 2", "-1", "3\n3", "\u{0}", "1,0000000g",
    ])
    func garbageIsNoMask(text: String) {
        var set = CPUSet([3])
        #expect(!withSpan(text) { set.readMask($0) })
        #expect(set.isEmpty)
    }

    @Test(
        arguments: [
            ("", ""), ("\n", ""), ("0", "0"), ("0-3,8", "0-3,8"), ("0,1,2\n", "0-2"), ("63-64", "63-64"),
            ("0-8191", "0-8191"), ("65535", "65535"), ("5-5", "5"),
        ] as [(String, String)])
    func listsAreRead(text: String, list: String) throws {
        #expect(try #require(Self.list(text)).list == list)
    }

    @Test(arguments: [
        "x", "1,", ",1", "1-", "-1", "3-1", "65536", "0-65536", "1 2", "1,,2", "0-3:1", "18446744073709551616", "1-2-3", "1;2",
        "8,0-3", " 1-2", "1-2 ", "a", "0-", "0--1", ",", "1,0", "0-3,3", "99999999999", "0\n1", "0\n\n", "(null", "0x1",
        "0-7:1/2", "0\r\n", "0\u{0}",
    ])
    func garbageIsNoList(text: String) {
        var set = CPUSet([3])
        #expect(!withSpan(text) { set.readList($0) })
        #expect(set.isEmpty)
    }

    /// A set of 8192 CPUs as the kernel writes its mask, and back.
    @Test func masksOf8192CPUsAreRead() throws {
        var random = SeededGenerator(seed: 0x8192)
        for _ in 0..<20 {
            let cpus = (0..<8192).filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
            var words = [UInt32](repeating: 0, count: 256)
            for cpu in cpus { words[cpu / 32] |= 1 << UInt32(cpu % 32) }
            let text = words.reversed().map { word in
                let digits = String(word, radix: 16)
                return String(repeating: "0", count: 8 - digits.count) + digits
            }.joined(separator: ",")
            let set = try #require(Self.mask(text))
            #expect(set.cpus == cpus && set.count == cpus.count && set.highest == cpus.last)
            #expect(set == CPUSet(cpus))
            #expect(Self.list(set.list) == set)
        }
        #expect(Self.mask("1," + Array(repeating: "00000000", count: 2048).joined(separator: ",")) == nil)
        #expect(Self.mask("80000000," + Array(repeating: "00000000", count: 2047).joined(separator: ","))?.highest == 65_535)
    }

    @Test func setsOfDifferentLengthMayBeEqual() {
        var long = CPUSet([1, 500])
        long.removeAll()
        long.insert(1)
        #expect(long == CPUSet([1]) && CPUSet([1]) == long && long != CPUSet([1, 500]) && CPUSet() == CPUSet([-1, 65_536]))
        #expect(!long.contains(-1) && !long.contains(1 << 40) && long.contains(1))
    }
}

/// /proc/stat (fs/proc/stat.c).
@Suite struct ProcStatTests {
    static func parse(_ text: String) throws(ProcTextError) -> ProcStat {
        var stat = ProcStat()
        try withSpan(text) { span throws(ProcTextError) in try stat.parse(span) }
        return stat
    }

    static let sample = """
        cpu  10132153 290696 3084719 46828483 16683 0 25195 0 175628 0
        cpu0 1393280 32966 572056 13343292 6130 11 17875 5 23933 0
        cpu2 1335498 41190 511210 14109060 2888 12 3150 6 20202 0
        intr 8885917 17 0 0 0
        ctxt 9121284
        btime 1769041029
        softirq 10524210 1 2 3
        """ + "\n"

    @Test func linesAreRead() throws {
        let stat = try Self.parse(Self.sample)
        let cpus = (0..<stat.cpuCount).map { stat.cpu($0) }
        #expect(cpus.map(\.cpu) == [0, 2] && cpus.map(\.irq) == [11, 12] && cpus.map(\.softirq) == [17_875, 3150])
        #expect(cpus[0].idle == 13_343_292 + 6130)
        #expect(cpus[0].total == 1_393_280 + 32_966 + 572_056 + 13_343_292 + 6130 + 11 + 17_875 + 5)
        #expect(stat.interruptCount == 8_885_917 && stat.softirqCount == 10_524_210 && stat.bootTimeSeconds == 1_769_041_029)
        #expect(stat.ticks(of: 2)?.irq == 12 && stat.ticks(of: 1) == nil && stat.ticks(of: -1) == nil)
    }

    @Test func olderKernelsHaveFewerNumbers() throws {
        let stat = try Self.parse("cpu0 1 2 3 4 5 6 7\ncpu1 1 2 3\ncpu\ncpufreq 1\n")
        #expect(stat.cpuCount == 1 && stat.cpu(0).total == 28 && stat.interruptCount == nil && stat.softirqCount == nil)
    }

    @Test(arguments: ["cpu  1 2 3 4 5 6 7 8\n", "hello", "intr 5\n", "cpu65536 1 2 3 4 5 6 7\n"])
    func textWithoutACPUIsRefused(text: String) {
        #expect(throws: ProcTextError(.malformed)) { _ = try Self.parse(text) }
    }

    @Test func emptyTextIsRefused() { #expect(throws: ProcTextError(.empty)) { _ = try Self.parse("") } }

    @Test func numbersThatDoNotFitAreUnknown() throws {
        let stat = try Self.parse("cpu0 1 2 3 4 5 6 7 8\ncpu1 1 2 3 4 99999999999999999999 6 7 8\nintr 18446744073709551616 1\n")
        #expect(stat.cpuCount == 1 && stat.interruptCount == nil)
    }

    /// Whatever is cut off at the end, no number is another one.
    @Test func cutTextHasNoWrongNumber() throws {
        let bytes = Array(Self.sample.utf8)
        let whole = try Self.parse(Self.sample)
        for end in 0..<bytes.count {
            var stat = ProcStat()
            do {
                try withSpan(Array(bytes[..<end])) { span throws(ProcTextError) in try stat.parse(span) }
            } catch { continue }
            for index in 0..<stat.cpuCount {
                let same = stat.cpu(index) == whole.cpu(index)
                #expect(same, "cut at \(end)")
            }
            let values = (stat.interruptCount, stat.softirqCount, stat.bootTimeSeconds)
            #expect(values.0 == nil || values.0 == whole.interruptCount, "cut at \(end)")
            #expect(values.1 == nil || values.1 == whole.softirqCount, "cut at \(end)")
            #expect(values.2 == nil || values.2 == whole.bootTimeSeconds, "cut at \(end)")
        }
    }

    // MARK: Times between two samples

    @Test func sharesAreThoseOfTheInterval() throws {
        var times = CPUTimeIntervals()
        func take(_ text: String) throws(ProcTextError) {
            try withSpan(text) { span throws(ProcTextError) in try times.take(span) }
        }
        try take("cpu0 0 0 0 100 0 10 20 0\ncpu1 0 0 0 100 0 0 0 0\n")
        #expect(times.shares(cpu: 0) == nil && times.meanShares == nil)
        #expect(throws: ProcTextError.self) { try take("nothing\n") }
        try take("cpu0 0 0 0 150 0 35 45 0\ncpu1 0 0 0 200 0 0 0 0\ncpu5 1 1 1 1 1 1 1 1\n")
        let shares = times.shares(cpu: 0)
        let share = try #require(shares)
        #expect(share.irq == 0.25 && share.softirq == 0.25 && share.idle == 0.5)
        let means = times.meanShares
        let mean = try #require(means)
        #expect(mean.irq == 0.125 && mean.idle == 0.75)
        #expect(times.shares(cpu: 5) == nil && times.shares(cpu: 9) == nil)
        // Times that stand still or step back are none.
        try take("cpu0 0 0 0 150 0 35 45 0\ncpu1 0 0 0 199 0 0 0 0\n")
        #expect(times.shares(cpu: 0) == nil && times.shares(cpu: 1) == nil)
    }
}

/// /proc/irq/N/spurious (kernel/irq/proc.c `irq_spurious_proc_show`).
@Suite struct SpuriousCountsTests {
    @Test func linesAreRead() {
        let counts = withSpan("count 99899\nunhandled 7\nlast_unhandled 4294967295 ms\n") { SpuriousCounts($0) }
        #expect(counts == SpuriousCounts(count: 99_899, unhandled: 7, lastUnhandledMilliseconds: 4_294_967_295))
        #expect(counts?.unhandledLeft == 99_893)
        #expect(SpuriousCounts(count: 0, unhandled: 100_000, lastUnhandledMilliseconds: 0).unhandledLeft == 0)
    }

    @Test(arguments: [
        "", "\n", "count 1\n", "count 1\nunhandled 2\n", "count x\nunhandled 2\nlast_unhandled 3 ms\n",
        "count 18446744073709551616\nunhandled 2\nlast_unhandled 3 ms\n", "unhandled 2\nlast_unhandled 3 ms\n",
    ])
    func garbageIsNone(text: String) {
        let counts = withSpan(text) { SpuriousCounts($0) }
        #expect(counts == nil)
    }
}
