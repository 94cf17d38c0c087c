/// The tracks of a file and the sequences of its packets, all of which are told once.
struct PerfettoTracks {
    /// A trace clock that Perfetto has no number for (BUILTIN_CLOCK_TRACE_FILE).
    private static let otherClock: UInt64 = 11
    /// The clock of a sequence that counts from packet to packet.
    private static let incrementalClock: UInt64 = 64

    private var nextSequence: UInt64 = 1
    private var nextTrack: UInt64 = 1
    private var clock: UInt64?
    /// The steps of the clocks of tracks with spans.
    var unitNanoseconds: UInt64 = 1
    /// The tracks of this recording that others lie below, by name.
    private var roots: [String: UInt64] = [:]

    /// False before the first recording, which says what clock the file has.
    var isBegun: Bool { clock != nil }

    mutating func begin(clock name: String?) {
        // BuiltinClock in Perfetto's protos/perfetto/common/builtin_clock.proto.
        clock =
            switch name {
            case "mono", "monotonic": 3
            case "mono_raw", "monotonic_raw": 5
            case "boot", "boottime": 6
            case "perf": 10
            default: Self.otherClock
            }
    }

    mutating func endRecording() { roots = [:] }

    private mutating func takeTrack() -> UInt64 {
        nextTrack += 1
        return nextTrack - 1
    }

    /// The track that others lie below, in the order of their ranks.
    mutating func root(_ name: String, _ output: inout ByteOutput) -> UInt64 {
        if let known = roots[name] { return known }
        let id = takeTrack()
        roots[name] = id
        let sequence = nextSequence
        nextSequence += 1
        output.putPacket { packet in
            packet.put(PacketField.sequence, sequence)
            packet.put(PacketField.trackDescriptor) { track in
                track.put(DescriptorField.id, id)
                track.put(DescriptorField.name, name)
                track.put(DescriptorField.ordering, 3)
            }
        }
        return id
    }

    /// Tells of a track and of a sequence of its own, which is returned.
    mutating func add(
        _ name: String, below parent: UInt64, rank: UInt64, at time: UInt64, _ output: inout ByteOutput
    ) -> UInt64 {
        let id = takeTrack()
        let sequence = addSequence(ofTrack: id, at: time, &output)
        output.putPacket { packet in
            packet.put(PacketField.sequence, sequence)
            packet.put(PacketField.trackDescriptor) { track in
                track.put(DescriptorField.id, id)
                track.put(DescriptorField.name, name)
                track.put(DescriptorField.parent, parent)
                track.put(DescriptorField.rank, rank)
            }
        }
        return sequence
    }

    /// Tells of a track of numbers, which is returned.
    mutating func addCounter(
        _ name: String, unit: String, below parent: UInt64, _ output: inout ByteOutput
    ) -> UInt64 {
        let id = takeTrack()
        let sequence = nextSequence
        nextSequence += 1
        output.putPacket { packet in
            packet.put(PacketField.sequence, sequence)
            packet.put(PacketField.trackDescriptor) { track in
                track.put(DescriptorField.id, id)
                track.put(DescriptorField.name, name)
                track.put(DescriptorField.parent, parent)
                // Behind all CPUs.
                track.put(DescriptorField.rank, 1 << 30)
                track.put(DescriptorField.counter) { $0.put(6, unit) }
            }
        }
        return id
    }

    /// Begins a sequence whose clock counts from packet to packet, and whose events are those of a track if nothing else is said.
    mutating func addSequence(ofTrack track: UInt64? = nil, at time: UInt64, _ output: inout ByteOutput) -> UInt64 {
        let sequence = nextSequence
        nextSequence += 1
        let clock = self.clock ?? Self.otherClock
        // Rates begin between the steps.
        let unit = track == nil ? 1 : unitNanoseconds
        output.putPacket { packet in
            packet.put(PacketField.sequence, sequence)
            packet.put(PacketField.sequenceFlags, 1)
            packet.put(PacketField.isFirstOnSequence, 1)
            packet.put(PacketField.defaults) { defaults in
                defaults.put(PacketField.timestampClock, Self.incrementalClock)
                if let track { defaults.put(PacketField.trackEvent) { $0.put(EventField.track, track) } }
            }
            packet.put(PacketField.clockSnapshot) { snapshot in
                snapshot.put(ClockField.clocks) { trace in
                    trace.put(ClockField.id, clock)
                    trace.put(ClockField.time, time)
                }
                snapshot.put(ClockField.clocks) { incremental in
                    incremental.put(ClockField.id, Self.incrementalClock)
                    incremental.put(ClockField.time, time / unit)
                    incremental.put(ClockField.isIncremental, 1)
                    if unit > 1 { incremental.put(ClockField.unit, unit) }
                }
                snapshot.put(ClockField.primary, clock)
            }
        }
        return sequence
    }
}
