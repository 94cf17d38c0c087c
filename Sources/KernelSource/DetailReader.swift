internal import Glibc
internal import IRQCore

/// Reads what /proc/irq/N and /sys/kernel/irq/N tell of an interrupt.
///
/// Sources: kernel/irq/proc.c, Documentation/ABI/testing/sysfs-kernel-irq.
struct DetailReader: ~Copyable {
    private let procIRQ: Directory
    private let sysIRQ: Directory
    private let debugIRQ: Directory
    private var text = TextBuffer(capacity: 8192)
    private var path = PathText()
    private var mask = CPUSet()
    /// True if a file was there.
    private var hasRead = false
    private let isModeTold: Bool

    init(_ roots: KernelRoots) {
        procIRQ = Directory("\(roots.proc)/irq")
        sysIRQ = Directory(roots.sys.map { "\($0)/kernel/irq" })
        isModeTold = KernelFacts(release: KernelRelease.text(roots) ?? "") { _ in nil }.isMaskModeTold
        // Few kernels have it, and debugfs need not be mounted, which is not ours to do.
        debugIRQ = Directory(roots.sys.map { "\($0)/kernel/debug/irq/irqs" })
    }

    /// True if there is a directory to read in.
    var isThere: Bool { procIRQ.descriptor >= 0 || sysIRQ.descriptor >= 0 }

    /// Reads all there is to know, once for each new row.
    ///
    /// - Returns: whether there was anything.
    mutating func readAll(into details: inout InterruptDetails) -> Bool {
        guard let irq = details.irq else { return false }
        hasRead = false
        readAll(irq, into: &details)
        return hasRead || details.isUserSettable != nil
    }

    /// Reads all there is to know.
    mutating func readAll(_ irq: Int, into details: inout InterruptDetails) {
        readDescriptor(irq, into: &details)
        if read(irq, "/node", of: .proc) { details.node = Self.node(text.bytes) }
        (details.isUserSettable, details.isModeTold) = (isUserSettable(irq), isModeTold)
        if details.delivery == .wired, details.isUserSettable == false, read(irq, "", of: .debug) {
            details.isPerCPU = IRQStateText.isPerCPU(text.bytes)
        }
        refresh(irq, in: &details)
        details.affinityHint = nil
        guard read(irq, "/affinity_hint", of: .proc) else { return }
        var hint = CPUSet()
        if hint.readMask(text.bytes), !hint.isEmpty { details.affinityHint = hint }
    }

    /// Reads again what changes while a box runs: masks and unhandled interrupts. Allocates nothing.
    mutating func refresh(_ irq: Int, in details: inout InterruptDetails) {
        details.earlierAffinity = nil
        if !readMask(irq, "/smp_affinity") {
            details.affinity = nil
        } else if details.affinity != mask {
            details.earlierAffinity = details.affinity
            details.affinity = mask
        }
        if !readMask(irq, "/effective_affinity") {
            details.effectiveAffinity = nil
        } else if details.effectiveAffinity != mask {
            details.effectiveAffinity = mask
        }
        refreshSpurious(irq, in: &details)
    }

    /// Reads again what the kernel counts of unhandled interrupts. Allocates nothing.
    mutating func refreshSpurious(_ irq: Int, in details: inout InterruptDetails) {
        guard read(irq, "/spurious", of: .proc), let spurious = SpuriousCounts(text.bytes) else { return }
        if let before = details.spurious {
            // The kernel starts over at each judgement: what it then shows is all new.
            let new = spurious.since(before)
            details.newlyUnhandled &+= new.unhandled
            details.newlyJudged &+= new.judged
        }
        details.spurious = spurious
    }

    /// Reads whether the kernel has disabled the line, where it says so.
    mutating func readState(_ irq: Int, into details: inout InterruptDetails) {
        guard read(irq, "", of: .debug) else { return }
        details.isSpuriousDisabled = Self.isSpuriousDisabled(text)
    }

    private static func isSpuriousDisabled(_ text: borrowing TextBuffer) -> Bool? {
        IRQStateText.isSpuriousDisabled(text.bytes)
    }

    /// Reads a mask into `mask`; false if there is none.
    private mutating func readMask(_ irq: Int, _ name: StaticString) -> Bool {
        read(irq, name, of: .proc) && Self.parse(text, into: &mask)
    }

    private static func parse(_ text: borrowing TextBuffer, into mask: inout CPUSet) -> Bool {
        mask.readMask(text.bytes)
    }

    private mutating func readDescriptor(_ irq: Int, into details: inout InterruptDetails) {
        if let chip = line(irq, "/chip_name"), !chip.isEmpty { details.chip = chip }
        if let hwirq = line(irq, "/hwirq").flatMap({ UInt64($0) }) { details.hwirq = hwirq }
        if let type = line(irq, "/type"), type == "edge" || type == "level" { details.trigger = type }
        // Names may hold commas, and here no blank tells those that part them.
        if let actions = line(irq, "/actions"), !actions.isEmpty, details.actions?.joined(separator: ",") != actions {
            details.actions = actions.split(separator: ",").map(String.init)
        }
        details.findDelivery()
    }

    /// The only line of a file of /sys/kernel/irq; nil if there is none.
    private mutating func line(_ irq: Int, _ name: StaticString) -> String? {
        guard read(irq, name, of: .sys) else { return nil }
        let bytes = text.bytes
        let content = (0..<bytes.byteCount).map { bytes.byte(at: $0) ?? 0 }
        return content.split(separator: UInt8(ascii: "\n")).first.map { String(decoding: $0, as: UTF8.self) }
    }

    private enum Root { case proc, sys, debug }

    private mutating func read(_ irq: Int, _ name: StaticString, of root: Root) -> Bool {
        let descriptor =
            switch root {
            case .proc: procIRQ.descriptor
            case .sys: sysIRQ.descriptor
            case .debug: debugIRQ.descriptor
            }
        guard descriptor >= 0 else { return false }
        path.removeAll()
        path.append(irq)
        path.append(name)
        guard ProcFile.readSmall(directory: descriptor, path, into: &text) else { return false }
        hasRead = true
        return true
    }

    /// Since the kernel tells it by the mode (0444 or 0644), that is all there is to look at; older kernels say 0600
    /// or 0644 always. Nil without the file.
    private mutating func isUserSettable(_ irq: Int) -> Bool? {
        let directory = procIRQ.descriptor
        guard directory >= 0 else { return nil }
        path.removeAll()
        path.append(irq)
        path.append("/smp_affinity")
        var status = stat()
        let result = unsafe path.withCString { unsafe fstatat(directory, $0, &status, 0) }
        return result == 0 ? status.st_mode & 0o222 != 0 : nil
    }

    /// A node number; nil for -1, which means none.
    private static func node(_ text: RawSpan) -> Int? {
        var digits = ""
        for index in 0..<min(text.byteCount, 8) {
            guard let byte = text.byte(at: index), byte != UInt8(ascii: "\n") else { break }
            digits.unicodeScalars.append(Unicode.Scalar(byte))
        }
        return Int(digits).flatMap { $0 >= 0 ? $0 : nil }
    }
}

/// Looks up what is known of an interrupt when somebody asks, and keeps nothing: for a single look at all of them.
final class DetailLookup {
    private var reader: DetailReader
    private let devices: DeviceMap?
    private var threads: ThreadScan

    /// Looks through all devices and processes, once.
    init(_ roots: KernelRoots) {
        reader = DetailReader(roots)
        devices = roots.sys.map { DeviceMap(sysRoot: $0) }
        threads = ThreadScan(procRoot: roots.proc)
        threads.rescan()
    }

    /// Adds what /proc, /sys and the threads tell to what the row's text told.
    func add(_ irq: Int, to details: inout InterruptDetails) {
        reader.readAll(irq, into: &details)
        if let devices { details.setDevices(of: irq, from: devices) }
        details.setThreads(threads.handlerThreads(irq: irq))
        if details.wakesThreads != true { details.wakesThreads = threads.wakesThreads(irq: irq) }
    }
}
