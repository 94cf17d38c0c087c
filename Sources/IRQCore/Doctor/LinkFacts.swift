/// The numbers of queues of a network interface, as ethtool -l shows them. A number that the driver does not tell is 0.
public struct LinkChannels: Equatable, Sendable {
    /// The queues for receiving only, for sending only, and for both.
    public var receive, send, combined: Int

    /// Creates numbers.
    public init(receive: Int = 0, send: Int = 0, combined: Int = 0) {
        (self.receive, self.send, self.combined) = (receive, send, combined)
    }

    /// The queues that receive.
    public var receiving: Int { receive + combined }
}

/// The settings by which a network card waits before it interrupts, as ethtool -c shows them; nil where the driver has none.
public struct LinkCoalescing: Equatable, Sendable {
    /// The wait after a received packet, in microseconds.
    public var receiveMicroseconds: Int?
    /// True if the driver chooses it by the traffic.
    public var isReceiveAdaptive: Bool?

    /// Creates settings.
    public init(receiveMicroseconds: Int? = nil, isReceiveAdaptive: Bool? = nil) {
        (self.receiveMicroseconds, self.isReceiveAdaptive) = (receiveMicroseconds, isReceiveAdaptive)
    }
}

/// The things that a driver tells of a network interface when the running kernel asks it; nil where it does not, and in copies.
public struct LinkFacts: Sendable {
    /// The highest numbers of queues.
    public var maximumChannels: LinkChannels?
    /// The numbers of queues that are on.
    public var channels: LinkChannels?
    /// The wait before interrupts.
    public var coalescing: LinkCoalescing?
    /// The receive queue of each entry of the table by which packets are spread (RSS).
    public var indirection: [Int]?
    /// The interrupt of each receive queue, and of each transmit queue, by the number of the queue (6.8 and later).
    public var receiveLines, sendLines: [Int: Int]?

    /// Creates facts of nothing.
    public init() {}
}
