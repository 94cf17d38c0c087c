internal import CLinux
internal import Glibc
internal import IRQCore

/// A count of the interrupts of the firmware (SMI), by the processor's own register: the event `smi` of the PMU `msr`, which Intel's
/// processors have (arch/x86/events/msr.c). All CPUs stop together: one of them counts for all.
final class FirmwareStopCounter {
    private static let folder = "/sys/bus/event_source/devices/msr"
    private let descriptor: Int32
    private let problem: String

    /// Begins to count.
    init(_ files: RunningFiles, cpu: Int = 0) {
        let folder = String(Self.folder.dropFirst())
        func give(_ reason: String) -> (Int32, String) { (-1, reason) }
        func open() -> (Int32, String) {
            if geteuid() != 0 { return give("SMIs are counted by root only") }
            guard let type = files.read("\(folder)/type").text.flatMap({ UInt32($0) }) else {
                return give("\(folder) is not there: SMIs cannot be counted")
            }
            guard let event = files.read("\(folder)/events/smi").text, let config = Self.config(event) else {
                return give("\(folder)/events/smi is not there: only Intel's processors count SMIs, and guests do not")
            }
            let descriptor = irqscope_count_event(type, config, Int32(cpu))
            return descriptor >= 0 ? (descriptor, "") : give("SMIs cannot be counted (error \(errno))")
        }
        (descriptor, problem) = open()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The number since it began.
    var count: FirmwareStops {
        guard descriptor >= 0 else { return .unknown(problem) }
        var value: UInt64 = 0
        let read = unsafe Glibc.read(descriptor, &value, MemoryLayout<UInt64>.size)
        return read == MemoryLayout<UInt64>.size ? .counted(value) : .unknown("SMIs could not be read")
    }

    /// The number of `event=0x04`.
    static func config(_ text: String) -> UInt64? {
        guard text.hasPrefix("event=0x") else { return nil }
        return UInt64(text.dropFirst(8), radix: 16)
    }
}
