/// The byte order of the machine that wrote the bytes.
public enum ByteOrder: String, Sendable, BitwiseCopyable {
    /// x86, arm64, ppc64el, riscv.
    case little
    /// s390x, old powerpc and mips.
    case big

    /// True if integers must be byte-swapped to be read on this machine.
    @inlinable public var isSwapped: Bool {
        #if _endian(little)
            self == .big
        #else
            self == .little
        #endif
    }
}
