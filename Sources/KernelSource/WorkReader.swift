internal import IRQCore

/// Reads the counts of what interrupts bring: the requests of disks and the packets of network interfaces.
struct WorkReader: ~Copyable {
    /// With more interfaces that are no virtual ones, nothing is told of the further ones.
    private static let linkLimit = 256
    /// So many entries of /sys/class/net are looked at.
    private static let entryLimit = 16_384

    private let roots: KernelRoots
    private var text = TextBuffer(capacity: 16 << 10)

    init(_ roots: KernelRoots) { self.roots = roots }

    /// The counts now; what cannot be read is nil.
    mutating func read() -> WorkCounts {
        var counts = WorkCounts()
        counts.disks = disks()
        counts.links = links()
        return counts
    }

    private mutating func disks() -> [NamedCount]? {
        do throws(SourceError) {
            try ProcFile.read("\(roots.proc)/diskstats", into: &text)
        } catch { return nil }
        return DiskStats.read(text.bytes)
    }

    /// Interfaces of devices; bridges, tunnels and those of containers raise no interrupts, and there may be thousands.
    private func links() -> [NamedCount]? {
        guard let sys = roots.sys, let folder = Folder(path: sys + "/class/net"),
            let names = folder.names(limit: Self.entryLimit)
        else { return nil }
        var found: [NamedCount] = []
        for name in names.names.sorted() where found.count < Self.linkLimit && name != "lo" {
            if folder.link(name)?.contains("/virtual/") == true { continue }
            guard let received = count(folder, "\(name)/statistics/rx_packets"),
                let sent = count(folder, "\(name)/statistics/tx_packets")
            else { continue }
            found.append(NamedCount(name: name, count: received &+ sent))
        }
        return found
    }

    private func count(_ folder: borrowing Folder, _ path: String) -> UInt64? {
        folder.attribute(path).flatMap { UInt64($0) }
    }
}

/// The places of disks and network interfaces among the devices, by the links of /sys/class.
struct ClassPlaces {
    private static let entryLimit = 65_536

    private let open: (String) -> Folder?
    /// Names, and the parts of the paths that they lead to.
    private let (disks, links): ([(name: String, path: Set<Substring>)], [(name: String, path: Set<Substring>)])

    /// Looks through both classes once.
    init(sysRoot: String) { self.init { Folder(path: "\(sysRoot)/\($0)") } }

    /// Looks through both classes of some files once.
    init(_ files: any KernelFiles) { self.init { Folder(files, path: "sys/\($0)") } }

    private init(_ open: @escaping (String) -> Folder?) {
        self.open = open
        disks = Self.places(open("class/block"))
        links = Self.places(open("class/net"))
    }

    private static func places(_ folder: consuming Folder?) -> [(name: String, path: Set<Substring>)] {
        guard let folder, let names = folder.names(limit: entryLimit) else { return [] }
        return names.names.sorted().compactMap { name in
            // A copy may have a directory where the kernel has a link; its device is a link then.
            guard let target = folder.link(name) ?? folder.link("\(name)/device") else { return nil }
            return target.contains("/virtual/") ? nil : (name, Set(target.split(separator: "/")))
        }
    }

    /// The parts behind some devices.
    func parts(of devices: [Device]) -> LineParts {
        var parts = LineParts()
        for device in devices {
            let address = Substring(device.address)
            parts.disks += disks.filter { $0.path.contains(address) }.map(\.name)
            parts.links += links.filter { $0.path.contains(address) }.map(\.name)
        }
        if !parts.disks.isEmpty, let folder = open("class/block") {
            // Partitions have no queue of their own.
            parts.disks = parts.disks.filter { folder.folder("\($0)/queue") != nil || folder.folder($0) == nil }
            parts.isCounted = parts.disks.allSatisfy { folder.attribute("\($0)/queue/iostats") != "0" }
        }
        return parts
    }
}
