/// Room for the events of about one page, filled by the decoder and emptied by the pairing.
public struct EventBatch: ~Copyable {
    private var storage: GrowableBuffer<TraceEvent>

    /// Creates a batch with room for `capacity` events; a 4 KiB page has 340 at the most.
    public init(capacity: Int = 512) { storage = GrowableBuffer(capacity: capacity) }

    /// The number of events in the batch.
    public var count: Int { @inline(__always) get { storage.count } }
    /// Whether nothing more fits.
    @inline(__always) var isFull: Bool { storage.count == storage.capacity }
    /// The most events it can hold.
    public var capacity: Int { storage.capacity }

    /// The event at `index`, which must be below `count`.
    public subscript(index: Int) -> TraceEvent {
        @inline(__always) get { storage[index] }
    }

    /// Turns the ticks of the events from `first` on into nanoseconds.
    mutating func scaleTimes(from first: Int, _ scale: TimeScale) {
        for index in first..<storage.count { storage[index].time = scale.nanoseconds(storage[index].time) }
    }

    @inline(__always) mutating func append(_ event: TraceEvent) { storage.append(event) }
    /// Forgets all events and keeps the memory.
    @inline(__always) public mutating func removeAll() { storage.removeAll() }
}
