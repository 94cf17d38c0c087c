import IRQCore

/// The place of a state of `affinity` in a test, as bytes of its file: what cannot be written and read is not kept.
public final class StateBox {
    public var bytes: [UInt8]?
    /// Makes keeping it fail.
    public var problem: String?
    /// Keeps nothing any more while true: the writer was killed.
    public var isDead: () -> Bool = { false }

    public init() {}

    public var state: AffinityState? { bytes.flatMap { try? AffinityStateFile.decode($0) } }

    public var keeper: AffinityKeeper {
        AffinityKeeper(
            save: { state in
                if let problem = self.problem { return problem }
                if !self.isDead() { self.bytes = AffinityStateFile.encode(state) }
                return nil
            },
            remove: {
                if !self.isDead() { self.bytes = nil }
                return nil
            })
    }
}
