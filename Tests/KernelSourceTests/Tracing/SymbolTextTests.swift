import IRQCore
import Testing

@testable import KernelSource

@Suite struct SymbolTextTests {
    private static func isHidden(_ text: String) -> Bool {
        [UInt8](text.utf8).withUnsafeBytes { unsafe SymbolText.hasHiddenAddresses(RawSpan(_unsafeBytes: $0)) }
    }

    /// The first lines of Debian's 6.1 on amd64: recordings lost the names of all functions there.
    @Test func symbolsAtZeroAreNotHidden() {
        #expect(
            !Self.isHidden(
                """
                0000000000000000 A fixed_percpu_data
                0000000000000000 A __per_cpu_start
                0000000000001000 A cpu_debug_store
                ffffffffa6a00000 T startup_64

                """))
        #expect(!Self.isHidden("00000000 t a\nc0100000 T _stext\n"))
    }

    @Test func addressesThatAreAllZeroAreHidden() {
        #expect(Self.isHidden(""))
        #expect(Self.isHidden("0000000000000000 T startup_64\n0000000000000000 t x\t[nvme]\n"))
        // With 32 bits an address has eight digits.
        #expect(Self.isHidden("00000000 T _stext\n00000000 t f12\n00000000 t"))
    }
}
