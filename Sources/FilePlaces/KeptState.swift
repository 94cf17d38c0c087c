public import IRQCore

/// The things that a command keeps from run to run.
public protocol KeptState: Sendable {
    /// The kind of file, and its words.
    static var traits: KeptStateTraits { get }
    /// The state in the bytes of a file.
    static func decode(_ file: [UInt8]) throws(AlertStateError) -> Self
    /// Writes the bytes of a file, piece by piece.
    func write(to take: @escaping ([UInt8]) -> Void)
}

/// All that tells one kind of state from another.
public struct KeptStateTraits: Sendable {
    let form: OwnFile.Form
    /// The command whose it is.
    let owner: String
    /// The version of its format.
    let version: UInt32
    /// The name of the file if none is named.
    let fileName: String
    /// The words for what follows if there is no state of use.
    let startOver: String
    /// The way out for those who have no place for it, beside naming another; empty without one.
    let wayOut: String
}

extension AlertState: KeptState {
    /// The kind of file, and its words.
    public static var traits: KeptStateTraits {
        KeptStateTraits(
            form: .state, owner: "irqscope alert", version: AlertStateFile.version, fileName: "alert.state",
            startOver: "a new baseline begins", wayOut: ", or use --interval")
    }

    /// The state in the bytes of a file.
    public static func decode(_ file: [UInt8]) throws(AlertStateError) -> Self { try AlertStateFile.decode(file) }

    /// Writes the bytes of a file, piece by piece.
    public func write(to take: @escaping ([UInt8]) -> Void) { AlertStateFile.write(self, to: take) }
}

extension HandlerSums: KeptState {
    /// The kind of file, and its words.
    public static var traits: KeptStateTraits {
        KeptStateTraits(
            form: .sampleState, owner: "irqscope sample", version: SampleStateFile.version, fileName: "sample.state",
            startOver: "all counts begin at 0", wayOut: "")
    }

    /// The state in the bytes of a file.
    public static func decode(_ file: [UInt8]) throws(AlertStateError) -> Self { try SampleStateFile.decode(file) }

    /// Writes the bytes of a file, piece by piece.
    public func write(to take: @escaping ([UInt8]) -> Void) { SampleStateFile.write(self, to: take) }
}

/// The state of `alert`.
public typealias StateStore = KeptStore<AlertState>
/// The sums of `sample`.
public typealias SampleStore = KeptStore<HandlerSums>
