/// Things that cannot be seen here, and the checks that are unknown for it.
enum ToolsHiddenCheck: DoctorCheck {
    static let about = CheckText(
        "tools-hidden", title: "not all can be seen here",
        meaning: """
            Some checks need files that only root may read, that a container hides, that the kernel's lockdown forbids, or that a \
            copy leaves out. They are unknown then, which is not the same as well.
            """,
        reads: [
            "the user's number", "sys/kernel/tracing", "sys/kernel/security/lockdown", "sys/kernel/debug",
            "proc/PID", "proc/self/ns/net", "proc/irq/N/effective_affinity", "dmesg",
        ],
        rule: "something is hidden, and checks are unknown for it: it names them",
        trust: "sure", origin: "kernel/irq/proc.c, security/lockdown; sos report")

    /// A thing that is hidden, and words of the reasons that it explains.
    private struct Part {
        var words: String
        var marks: [String]
    }

    static let isBackground = true

    static func judge(_ box: Examination, _ findings: inout [DoctorFinding]) throws(Unjudged) {
        let parts = parts(box)
        guard !parts.isEmpty else { return }
        var next = ["# run irqscope doctor as root on the box itself"]
        if box.isLive, !box.isRoot { next = ["sudo irqscope doctor"] }
        var finding = DoctorFinding(
            .note, "doctor", parts.map(\.words).joined(separator: "; "),
            why: "what could not be judged is not well for that", next: next)
        finding.hidden = parts.map { ($0.words, $0.marks) }
        findings.append(finding)
    }

    private static func parts(_ box: Examination) -> [Part] {
        let place = box.isLive ? "here" : "in this copy"
        var parts: [Part] = []
        if box.isLive, !box.isRoot { parts.append(Part(words: "not root", marks: ["may not be read", "root"])) }
        let taskMarks = ["proc/PID", "seen in proc"]
        if box.tasks == nil {
            parts.append(Part(words: "no /proc/PID \(place)", marks: taskMarks))
        } else if box.isLive, box.tasks?.contains(where: \.isKernel) != true {
            parts.append(Part(words: "the kernel's threads are hidden (a container, or hidepid)", marks: taskMarks))
        }
        if box.log == nil {
            parts.append(
                Part(
                    words: box.isLive ? "the kernel's log may not be read" : "no dmesg \(place)",
                    marks: ["kernel's log", "dmesg"]))
        }
        if box.files.names("sys") == nil {
            parts.append(Part(words: "no /sys \(place)", marks: ["sys/"]))
        } else {
            for (folder, mark) in [("sys/class/net", "class/net"), ("sys/bus/pci/devices", "bus/pci")]
            where box.files.names(folder) == nil && !box.isLive {
                parts.append(Part(words: "no /\(folder) \(place)", marks: [mark]))
            }
            if !box.isLive, hasNoQueues(box) {
                parts.append(Part(words: "no queues of /sys/class/net \(place)", marks: ["queues"]))
            }
        }
        if box.kernel.isAtLeast(4, 13) != false, !box.lines.isEmpty,
            box.lines.allSatisfy({ $0.details.effectiveAffinity == nil })
        {
            parts.append(Part(words: "no effective_affinity \(place)", marks: ["effective_affinity"]))
        }
        return parts + (box.isLive ? locks(box) : [])
    }

    private static func hasNoQueues(_ box: Examination) -> Bool {
        let names = box.interfaces ?? []
        return !names.isEmpty && names.allSatisfy { box.files.names("sys/class/net/\($0)/queues") == nil }
    }

    private static func locks(_ box: Examination) -> [Part] {
        var parts: [Part] = []
        let lockdown = box.text("sys/kernel/security/lockdown") ?? ""
        if lockdown.has("[integrity]") {
            parts.append(Part(words: "lockdown integrity: no MSRs, no debugfs", marks: ["msr", "MSR", "debug"]))
        } else if lockdown.has("[confidentiality]") {
            parts.append(
                Part(
                    words: "lockdown confidentiality: no tracefs, no perf",
                    marks: ["msr", "MSR", "debug", "trac", "perf"]))
        }
        if let own = box.files.link("proc/self/ns/net"), let first = box.files.link("proc/1/ns/net"), own != first {
            parts.append(Part(words: "another network namespace than that of process 1", marks: ["class/net"]))
        }
        if box.isRoot, box.files.names("sys/kernel/tracing") == nil, box.files.names("sys/kernel/debug/tracing") == nil
        {
            parts.append(Part(words: "no tracefs", marks: ["trac"]))
        }
        return parts
    }
}
