/// The profile of tuned(8) on a box, where it sets CPUs apart.
struct TunedFacts {
    /// The names of the profile.
    let profile: String
    /// The CPUs that it sets apart; nil if its files do not tell.
    let isolated: CPUSet?

    private static let folder = "etc/tuned"

    /// Reads the profile; nil if there is none, or if it sets no CPUs apart.
    ///
    /// - Throws: the reason why that cannot be told.
    init?(_ box: Examination) throws(Unjudged) {
        guard let text = box.text("\(Self.folder)/active_profile") else {
            // Without /etc nothing tells; with it, tuned is not installed.
            if box.files.names("etc") == nil {
                throw Unjudged("etc/tuned/active_profile is not there: etc is not in this copy")
            }
            return nil
        }
        let names = text.split { $0 == " " || $0 == "\n" || $0 == "\t" }.map(String.init)
        var cpus: CPUSet?
        for name in names where !name.contains("/") {
            for path in ["\(name)-variables.conf", "\(name)/tuned.conf", "profiles/\(name)/tuned.conf"] {
                guard cpus == nil, let file = box.text("\(Self.folder)/\(path)") else { continue }
                let lines = file.split(separator: "\n").map { line -> Substring in
                    let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                    return parts.count == 2 ? "\(parts[0].trimmingBlanks)=\(parts[1].trimmingBlanks)"[...] : ""
                }
                if let list = IrqbalanceFacts.parse(lines)["isolated_cores"], !list.isEmpty {
                    cpus = CPUSet.parse(list: list, last: box.cpus.last)
                }
            }
        }
        let isKnown = names.contains { $0.hasPrefix("realtime") || $0.hasPrefix("cpu-partitioning") }
        guard isKnown || cpus?.isEmpty == false else { return nil }
        (profile, isolated) = (names.joined(separator: " "), cpus)
    }
}

extension CPUMap {
    /// The highest CPU that there can be, which lists of boot options call `N`; nil if unknown.
    var last: Int? { possible?.highest ?? online.highest }
}
