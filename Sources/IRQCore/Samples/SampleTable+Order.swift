// An interrupt may come between the moment when the kernel takes the time of an event and the moment when it takes room for it
// in the buffer; then the events of that interrupt stand before an earlier one:
//
//     time 101  106  …  100        some 4 events, once in some 500,000
//
// So samples are looked through before they are fed, which costs little, and put in order where that is needed.

extension SampleTable {
    /// Bytes that are looked through at a time: few enough to stay in the processor's cache until they are fed.
    private static let scanByteCount = 96 << 10
    /// Bytes before the end of these that are looked through once more, with what follows them.
    private static let overlapByteCount = 16 << 10

    /// Looks through the samples from `start` on.
    ///
    /// - Returns: the place up to which they can be fed now, and whether they are in the order of time on their CPU.
    @inline(never)
    borrowing func scan(_ bytes: RawSpan, from start: Int) -> (end: Int, isInOrder: Bool) {
        byteOrder.isSwapped
            ? scan(bytes, from: start, isSwapped: true) : scan(bytes, from: start, isSwapped: false)
    }

    @inline(always)
    private borrowing func scan(_ bytes: RawSpan, from start: Int, isSwapped: Bool) -> (end: Int, isInOrder: Bool) {
        let (timeOffset, cpuOffset) = (timeOffset, cpuOffset)
        guard isUniform else { return (bytes.byteCount, true) }
        var offset = start
        var (time, cpu) = (UInt64(0), UInt32.max)
        var isInOrder = true
        let limit = start &+ Self.scanByteCount
        var end = start
        while let header = SampleHeader.read(bytes, at: offset, isSwapped: isSwapped),
            header.type == SampleHeader.sample, header.byteCount >= 8, offset &+ header.byteCount <= bytes.byteCount
        {
            if offset >= limit { return (end, isInOrder) }
            let nextTime = bytes.load(at: offset &+ timeOffset, as: UInt64.self, isSwapped: isSwapped) ?? 0
            let nextCPU = bytes.load(at: offset &+ cpuOffset, as: UInt32.self, isSwapped: isSwapped) ?? 0
            if nextCPU == cpu, nextTime < time { isInOrder = false }
            (time, cpu) = (nextTime, nextCPU)
            offset &+= header.byteCount
            if offset < limit &- Self.overlapByteCount { end = offset }
        }
        return (offset, isInOrder)
    }

    /// A copy of the samples in a range, in the order of time; of equal times what came first.
    borrowing func sorted(_ bytes: RawSpan, _ range: Range<Int>) -> [UInt8] {
        var samples: [(time: UInt64, range: Range<Int>)] = []
        var offset = range.lowerBound
        while offset < range.upperBound,
            let header = SampleHeader.read(bytes, at: offset, isSwapped: byteOrder.isSwapped), header.byteCount >= 8
        {
            let time = bytes.load(at: offset + timeOffset, as: UInt64.self, isSwapped: byteOrder.isSwapped) ?? 0
            samples.append((time, offset..<min(offset + header.byteCount, range.upperBound)))
            offset += header.byteCount
        }
        samples.sort { $0.time < $1.time }
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for sample in samples { unsafe bytes.extracting(sample.range).withUnsafeBytes { unsafe copy += $0 } }
        return copy
    }
}
