/// Messages of protobuf, written field by field.
public struct ProtoBuilder: Sendable {
    /// The bytes so far.
    public private(set) var bytes: [UInt8] = []

    /// Creates a message; `build` writes its fields.
    public init(_ build: (inout ProtoBuilder) -> Void = { _ in }) { build(&self) }

    /// Adds a number.
    public mutating func add(_ field: Int, _ value: UInt64) {
        bytes += Self.varint(UInt64(field) << 3) + Self.varint(value)
    }

    /// Adds bytes.
    public mutating func add(_ field: Int, bytes value: [UInt8]) {
        bytes += Self.varint(UInt64(field) << 3 | 2) + Self.varint(UInt64(value.count)) + value
    }

    /// Adds a text.
    public mutating func add(_ field: Int, _ value: String) { add(field, bytes: Array(value.utf8)) }

    /// Adds a message.
    public mutating func add(_ field: Int, _ build: (inout ProtoBuilder) -> Void) {
        add(field, bytes: ProtoBuilder(build).bytes)
    }

    /// Adds numbers that are packed into one field.
    public mutating func add(_ field: Int, packed values: [UInt64]) {
        add(field, bytes: values.flatMap(Self.varint))
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest > 0x7F {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}

/// Traces of Perfetto, written packet by packet.
public struct PerfettoBuilder: Sendable {
    /// The trace so far.
    public private(set) var trace = ProtoBuilder()

    /// Creates an empty trace.
    public init() {}

    /// A trace with all its packets packed together, by zlib without compressing: one block of 65,535 bytes at most.
    public static func packed(_ trace: [UInt8]) -> [UInt8] {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in trace {
            low = (low + UInt32(byte)) % 65521
            high = (high + low) % 65521
        }
        let count = UInt16(trace.count)
        var bytes: [UInt8] = [0x78, 0x01, 0x01]
        for number in [count, ~count] { bytes += [UInt8(number & 0xFF), UInt8(number >> 8)] }
        bytes += trace
        for number in [high, low] { bytes += [UInt8(number >> 8), UInt8(number & 0xFF)] }
        return ProtoBuilder { $0.add(1) { $0.add(50, bytes: bytes) } }.bytes
    }

    /// Adds a packet of a sequence.
    public mutating func packet(sequence: UInt64 = 1, _ build: (inout ProtoBuilder) -> Void) {
        trace.add(1) {
            build(&$0)
            $0.add(10, sequence)
        }
    }

    /// Adds a packet with events of a CPU.
    public mutating func bundle(
        cpu: UInt64, sequence: UInt64 = 1, isAfterLoss: Bool = false, _ build: (inout ProtoBuilder) -> Void
    ) {
        packet(sequence: sequence) {
            $0.add(1) {
                $0.add(1, cpu)
                if isAfterLoss { $0.add(3, 1) }
                build(&$0)
            }
        }
    }
}

extension ProtoBuilder {
    /// Adds an event to a bundle; `field` is its place in FtraceEvent.
    public mutating func event(_ time: UInt64, pid: UInt64 = 0, _ field: Int, _ build: (inout ProtoBuilder) -> Void) {
        add(2) {
            $0.add(1, time)
            $0.add(2, pid)
            $0.add(field, build)
        }
    }

    /// Adds an interrupt that begins.
    public mutating func irqEntry(_ time: UInt64, _ irq: UInt64 = 36, _ name: String = "eth0") {
        event(time, 36) {
            $0.add(1, irq)
            $0.add(2, name)
        }
    }

    /// Adds an interrupt that ends.
    public mutating func irqExit(_ time: UInt64, _ irq: UInt64 = 36, result: UInt64 = 1) {
        event(time, 37) {
            $0.add(1, irq)
            $0.add(2, result)
        }
    }
}
