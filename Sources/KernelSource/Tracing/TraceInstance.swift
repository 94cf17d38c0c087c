internal import Glibc
public import IRQCore
internal import TraceFormats

/// A tracing instance of our own, from `init` to the end of its life.
///
/// Nothing outside of its directory is written, so no other tracer notices. The kernel removes
/// it when this is destroyed; after a crash `InstanceCleanup` does so, after SIGKILL the next run's `TraceOrphans.remove`.
public struct TraceInstance: ~Copyable {
    /// The plan it was made by.
    public let plan: TracePlan
    /// The events that are traced, as "irq:irq_handler_entry".
    public let events: [String]
    /// Events that were asked for and that this kernel lacks, or cannot filter where it must; "irq_vectors:*" is a
    /// whole system.
    public let missingEvents: [String]
    /// Events whose filter the kernel did not take: they come unfiltered.
    public let unfilteredEvents: [String]
    /// Memory that the kernel set aside for each CPU; less than planned if that was too much.
    public let bufferKilobytesPerCPU: Int
    /// The form of the pages.
    public let layout: PageLayout
    /// The CPUs that are read, ascending: all that can ever be there, or those of the plan.
    public let cpus: [Int]

    private var folder: InstanceFolder
    private var poll: BufferPoll
    private let root: String
    private let possible: CPUSet
    private let placeOfCPU: [Int32]
    private let directoryPlace: Int
    private let switchPlace: Int
    private var text: TextBuffer
    private var pathText: PathText
    /// For `drain`: by place, whether there may be more to read.
    private var mayHaveMore: [Bool]
    /// And the CPU to begin with: the one that the last time was over for.
    private var firstPlace = 0

    /// The directory's name.
    public var name: String { folder.name }
    /// The directory.
    public var path: String { folder.path }
    /// The size of one sub-buffer.
    public var subBufferByteCount: Int { layout.subBufferByteCount }
    /// The descriptors that can be waited for with poll(2) elsewhere, in the order of `cpus`.
    public var descriptors: [Int32] { cpus.indices.map { poll.descriptor($0) } }

    /// Makes an instance and starts to trace, if that is the plan.
    ///
    /// - Parameters:
    ///   - plan: what to trace.
    ///   - tracingRoot: what `--tracing-root` says; nil to find tracefs, and to mount it if need be.
    public init(plan: TracePlan = TracePlan(), tracingRoot: String? = nil) throws(TraceError) {
        // All that may fail comes before the first property: half an instance cannot be destroyed.
        let root = try TracingRoot.find(tracingRoot)
        let possible = NUMATopology().possible ?? CPUSet([0])
        let cpus = try TraceSetup.cpus(plan, possible)
        var folder = try InstanceFolder(root: root, cpuCount: cpus.count)
        let directoryPlace = try folder.open(".", O_RDONLY | O_DIRECTORY)
        let setup = try TraceSetup(plan, cpus: cpus, root: root, folder)
        let descriptors = try TraceSetup.openBuffers(cpus, &folder)
        let switchPlace = try folder.open("tracing_on", O_WRONLY)
        if plan.startsAtOnce { try folder.set("tracing_on", to: "1") }

        self.plan = plan
        events = setup.enabled
        missingEvents = setup.missing
        unfilteredEvents = setup.unfiltered
        bufferKilobytesPerCPU = setup.kilobytes
        layout = setup.layout
        self.cpus = cpus
        poll = BufferPoll(descriptors)
        self.root = root
        self.possible = possible
        var placeOfCPU = [Int32](repeating: -1, count: (cpus.last ?? 0) + 1)
        for (place, cpu) in cpus.enumerated() { placeOfCPU[cpu] = Int32(place) }
        self.placeOfCPU = placeOfCPU
        self.directoryPlace = directoryPlace
        self.switchPlace = switchPlace
        text = TextBuffer(capacity: 4096)
        pathText = PathText()
        mayHaveMore = cpus.map { _ in true }
        self.folder = folder
    }

    // MARK: Starting and stopping

    /// Stops tracing at once; what the ring holds stays to be read.
    public mutating func stop() throws(TraceError) { try setTracing("0") }

    /// Goes on after `stop`.
    public mutating func start() throws(TraceError) { try setTracing("1") }

    private borrowing func setTracing(_ digit: StaticString) throws(TraceError) {
        // One byte of a literal.
        let written = unsafe write(folder.descriptor(switchPlace), digit.utf8Start, 1)
        guard written == 1 else { throw TraceError.tracing("\(path)/tracing_on", errno) }
    }

    /// Stops tracing and removes the instance; the same happens at the end of its life.
    public consuming func remove() {}

    // MARK: Reading

    /// Waits until a buffer is as full as planned, or for `milliseconds` (negative: for ever). Allocates nothing.
    ///
    /// Whatever ends it, buffers may hold events: read them all.
    ///
    /// - Parameter other: a descriptor of the caller that ends the wait too, such as a signalfd; -1 is none.
    public mutating func wait(milliseconds: Int32, also other: Int32 = -1) -> TraceWake {
        poll.wait(milliseconds: milliseconds, also: other)
    }

    /// Adds sub-buffers of `cpu`, `limit` at the most, to what `room` holds. Never waits and allocates nothing.
    ///
    /// The last sub-buffer may be one that the kernel was still writing to: it comes as a page of its own, and so do
    /// the events that follow in it. So a call that returns less than there was room for has read all there was.
    ///
    /// - Returns: how many sub-buffers were added; 0 for a CPU that is not read or has never been online.
    public mutating func readPages(
        cpu: Int, into room: inout PageBuffer, limit: Int = PageBuffer.limit
    ) throws(TraceError) -> Int {
        precondition(room.subBufferByteCount == layout.subBufferByteCount)
        guard let place = place(of: cpu) else { return 0 }
        let count = room.fill(from: poll.descriptor(place), wanted: limit)
        guard count < 0 else { return count }
        switch Int32(-count) {
        case EAGAIN, ENODEV: return 0
        case let number: throw TraceError.tracing("\(path)/per_cpu/cpu\(cpu)/trace_pipe_raw", number)
        }
    }

    /// Reads all CPUs in turns, a room full of each, and gives what it reads to `take`, until there is no more.
    ///
    /// It comes to an end however fast events come: at `deadline`, but for the turn that is under way, and when as much
    /// was read as the buffers hold. Allocates nothing.
    ///
    /// - Parameters:
    ///   - deadline: CLOCK_MONOTONIC in nanoseconds.
    ///   - take: what to do with the pages of a CPU; false ends it.
    /// - Returns: whether all that was there when it began has been read.
    @discardableResult
    public mutating func drain(
        into room: inout PageBuffer, until deadline: UInt64, _ take: (inout PageBuffer, Int) -> Bool
    ) throws(TraceError) -> Bool {
        for place in mayHaveMore.indices { mayHaveMore[place] = true }
        var isLate = false
        for _ in 0..<turnLimit(room.capacity) {
            var isMore = false
            for step in 0..<cpus.count {
                let place = (firstPlace + step) % cpus.count
                if !mayHaveMore[place] { continue }
                if isLate {
                    firstPlace = place
                    return false
                }
                room.removeAll()
                mayHaveMore[place] = try readPages(cpu: cpus[place], into: &room) == room.capacity
                isMore = isMore || mayHaveMore[place]
                if room.count > 0, !take(&room, cpus[place]) { return false }
                isLate = KernelClock.monotonic() >= deadline
            }
            if !isMore { return true }
        }
        return true
    }

    /// The CPUs that the last `drain` has not read to their end.
    public var behindCPUs: [Int] { cpus.indices.filter { mayHaveMore[$0] }.map { cpus[$0] } }

    /// The number of rooms of so many sub-buffers that a CPU's buffer fills, and the sub-buffers that are read and
    /// written at the moment.
    private borrowing func turnLimit(_ capacity: Int) -> Int {
        let dataByteCount = max(subBufferByteCount - layout.dataOffset, 1)
        return ((bufferKilobytesPerCPU << 10) / dataByteCount + 2) / capacity + 2
    }

    private borrowing func place(of cpu: Int) -> Int? {
        guard placeOfCPU.indices.contains(cpu), placeOfCPU[cpu] >= 0 else { return nil }
        return Int(placeOfCPU[cpu])
    }

    /// The counts of the kernel for `cpu`; nil for a CPU that is not read. Allocates nothing.
    public mutating func statistics(cpu: Int) -> TraceStatistics? {
        guard place(of: cpu) != nil else { return nil }
        pathText.removeAll()
        pathText.append("per_cpu/cpu")
        pathText.append(cpu)
        pathText.append("/stats")
        guard ProcFile.readSmall(directory: folder.descriptor(directoryPlace), pathText, into: &text) else {
            return nil
        }
        return Self.parse(text)
    }

    private static func parse(_ text: borrowing TextBuffer) -> TraceStatistics { TraceStatistics(text.bytes) }

    /// The CPUs that are there now, of those that are read.
    public var onlineCPUs: [Int] {
        guard let online = NUMATopology().online else { return cpus }
        return cpus.filter { online.contains($0) }
    }

    // MARK: Describing

    /// A table for decoding the pages: the events that the analysis reads, by their formats in this kernel.
    ///
    /// - Parameter groups: the groups of events to read; nil is all.
    public borrowing func eventFormats(of groups: Set<EventGroup>? = nil) throws(TraceError) -> EventFormats {
        let reader = try DescriptionReader(root: root, instance: path)
        guard let formats = KernelFormats(byteOrder: .native, longByteCount: MemoryLayout<Int>.size) else {
            throw TraceError(path: path, reason: .system(ENOMEM))
        }
        var table = EventFormats()
        table.isDeep = plan.isDeep
        for name in events {
            let parts = name.split(separator: ":").map { String($0) }
            guard parts.count == 2 else { continue }
            if let groups {
                let event = EventCatalogue.find(system: parts[0], name: parts[1])
                if !groups.contains(where: { $0 == event?.group }) { continue }
            }
            guard let event = reader.event(parts[0], parts[1]) else { continue }
            let text = event.format.span
            _ = unsafe formats.add(text.bytes, system: parts[0], to: &table)
        }
        guard table.contains(.irqEntry), table.contains(.irqExit) else {
            throw TraceError(path: "\(path)/events/irq", reason: .eventMissing("irq:irq_handler_entry"))
        }
        return table
    }

    /// The description of this kernel for a recording: all events of each system that has one traced.
    public borrowing func description() throws(TraceError) -> TraceDescription {
        let reader = try DescriptionReader(root: root, instance: path)
        let systems = Set(events.compactMap { $0.split(separator: ":").first.map { String($0) } })
        return try reader.all(systems: Array(systems), cpuCount: (possible.highest ?? 0) + 1)
    }

    /// saved_cmdlines: the names that tasks had, by pid. The kernel keeps few, so read it at the end.
    public borrowing func savedCommandLines() -> [UInt8] {
        (try? DescriptionReader(root: root, instance: path))?.top("saved_cmdlines") ?? []
    }

    /// /proc/kallsyms, some MiB; empty where the kernel hides it or its addresses.
    ///
    /// - Parameter deadline: CLOCK_MONOTONIC in nanoseconds.
    /// - Returns: nil if it was not read by then.
    public borrowing func kernelSymbols(until deadline: UInt64 = .max) -> [UInt8]? {
        var text = TextBuffer(capacity: 1 << 20)
        do throws(SourceError) {
            try ProcFile.read("/proc/kallsyms", into: &text, until: deadline)
        } catch {
            return error.reason == .system(ETIMEDOUT) ? nil : []
        }
        if SymbolText.hasHiddenAddresses(text.bytes) { return [] }
        return unsafe text.bytes.withUnsafeBytes { unsafe Array($0) }
    }
}

extension TraceInstance {
    /// The time that one `drain` may take while it traces, in nanoseconds: keys, signals and other CPUs wait meanwhile.
    /// It decodes a hundred times what the buffers of a busy box get until then.
    public static var turnNanoseconds: UInt64 { 100_000_000 }

    /// Events that were not read, by CPU.
    public mutating func unreadEvents() -> [(cpu: Int, count: UInt64)] {
        var unread: [(cpu: Int, count: UInt64)] = []
        for cpu in cpus {
            if let count = statistics(cpu: cpu)?.entries, count > 0 { unread.append((cpu, count)) }
        }
        return unread
    }
}

extension ByteOrder {
    /// That of this machine.
    static var native: ByteOrder { 1.littleEndian == 1 ? .little : .big }
}
