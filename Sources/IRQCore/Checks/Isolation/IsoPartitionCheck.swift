/// A control group that was to be a partition of CPUs, and is none.
enum IsoPartitionCheck: DoctorCheck {
    private static let root = "sys/fs/cgroup"

    static let about = CheckText(
        "iso-partition", title: "a cpuset partition is invalid",
        meaning: """
            A control group may take CPUs for itself (cpuset.cpus.partition). If the kernel cannot do that it says `invalid` and why, \
            in the same file; the group then runs on shared CPUs, and nothing else tells.
            """,
        reads: ["\(root)/**/cpuset.cpus.partition", "\(root)/**/cpuset.cpus"],
        rule: "the file says `isolated invalid (…)` or `root invalid (…)`",
        exceptions: "member: no partition was asked for",
        trust: "sure; masks of interrupts, RPS and managed lines never follow partitions",
        origin: "kernel/cgroup/cpuset.c")

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        guard box.files.names(root) != nil else { throw Unjudged("\(root) is not there") }
        var found: [DoctorFinding] = []
        for (path, state) in CgroupPartitions.all(box.files) {
            guard state.hasPrefix("isolated invalid") || state.hasPrefix("root invalid") else { continue }
            let name = path == root ? "/" : String(path.dropFirst(root.utf8.count + 1))
            var evidence = "\(name): \(state)"
            let asked = box.list("\(path)/cpuset.cpus.exclusive").flatMap { $0.isEmpty ? nil : $0 }
            let cpus = asked ?? box.list("\(path)/cpuset.cpus") ?? CPUSet()
            if !cpus.isEmpty {
                evidence += ": CPUs \(cpus.list) are not \(state.hasPrefix("root") ? "its own" : "isolated")"
            }
            var finding = DoctorFinding(
                .warn, name, evidence, why: "its tasks run on CPUs that others use too", next: next(path, state, box))
            (finding.cpus, finding.weight) = (cpus, Double(cpus.count))
            found.append(finding)
        }
        findings += found.most("groups")
    }

    private static func next(_ path: String, _ state: String, _ box: Examination) -> [String] {
        let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? root
        let lower = state.lowercased()
        let state = "cat /\(ShellWord.quoted("\(path)/cpuset.cpus.partition"))"
        if lower.contains("not exclusive") {
            return ["# another group beside it has some of its CPUs: take them out of that one's cpuset.cpus", state]
        }
        if lower.contains("housekeeping") {
            return [
                "# its CPUs contradict isolcpus= or nohz_full= of this boot: use an `isolated` partition of these CPUs, or others",
                state,
            ]
        }
        if lower.contains("parent is") {
            return [
                "# its parent must be a partition first", "cat /\(ShellWord.quoted("\(parent)/cpuset.cpus.partition"))",
            ]
        }
        if lower.contains("hotplug") { return ["# its CPUs went offline", "cat /sys/devices/system/cpu/online"] }
        if lower.contains("distribute") { return ["# its parent has no CPU left for itself: leave it one", state] }
        return [state]
    }
}
