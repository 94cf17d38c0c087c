public import IRQCore

/// The ways to make a plan last on a box: texts for its owner to install, with what each of them cannot do.
public enum AffinityPersistence {
    /// The texts for a plan of a box.
    ///
    /// - Parameters:
    ///   - command: the words that apply the plan, without a question.
    ///   - has: whether a folder is there on this box.
    public static func text(_ plan: AffinityPlan, _ box: AffinityBox, command: String, has: (String) -> Bool) -> String
    {
        var text = """
            # Nothing here is installed for you. Masks end with the boot, and lines are requested anew, with the driver's mask,
            # at ifup, ethtool -L and -G, a reset, and for some drivers at CPU hotplug. So it takes a start at boot and a hook.
            #
            # 1. At boot: irqscope-affinity.service applies what was applied last. For this plan for ever:
            systemctl edit irqscope-affinity.service     # and give it:
            [Service]
            ExecStart=
            ExecStart=\(command)
            systemctl enable irqscope-affinity.service
            # It runs once, early: interfaces that come up later have no queues' lines then.
            #
            # 2. When an interface is up (udev's add comes before the driver requests its lines, and is too early):

            """
        let hook = "#!/bin/sh\n\(command)\n"
        let places: [(String, String, String)] = [
            ("/etc/networkd-dispatcher/routable.d", "50-irqscope", hook),
            (
                "/etc/NetworkManager/dispatcher.d", "50-irqscope",
                "#!/bin/sh\n[ \"$2\" = up ] || exit 0\n\(command)\n"
            ),
            ("/etc/network/if-up.d", "irqscope", hook),
        ]
        let there = places.filter { has($0.0) }
        for (folder, name, script) in there.isEmpty ? places : there {
            text += "# \(folder)/\(name), mode 0755, owned by root:\n\(script)"
        }
        if there.isEmpty { text += "# (none of these folders is there: take what brings this box's network up)\n" }
        return text + irqbalance(plan, box)
    }

    private static func irqbalance(_ plan: AffinityPlan, _ box: AffinityBox) -> String {
        let drivers = Set(
            plan.lines.compactMap { line in box.lines.first { $0.irq == line.irq }?.driver }
        ).sorted()
        let addresses = Set(plan.lines.map(\.identity.address)).subtracting([""]).sorted()
        let head: String
        switch box.irqbalance {
        case .absent:
            return "#\n# 3. irqbalance is not running here, and would move these lines again: keep it off.\n"
        case .unknown:
            head = "Whether irqbalance runs is unknown. If it does, it moves lines every 10 s unless it is told not to."
        case .runs: head = "irqbalance runs, and moves lines every 10 s unless it is told not to."
        }
        let cases = addresses.map { "*/\($0)) echo ban=true ;;" }.joined(separator: "\n")
        return """
            #
            # 3. \(head)
            #    By driver (its name or a part of the line's): \(drivers.isEmpty ? "--banmod=DRIVER" : drivers.map { "--banmod=\($0)" }.joined(separator: " "))
            #    By device: --policyscript=/etc/irqbalance-irqscope.sh, mode 0755 (one that cannot be run is skipped), which
            #    is called once a line with its folder in /sys and its number, and must exit with 0; SIGHUP asks again.
            #    Not by --banirq=N: numbers change at each boot.
            #!/bin/sh
            case "$1" in
            \(cases.isEmpty ? "*/ADDRESS) echo ban=true ;;" : cases)
            esac
            exit 0

            """
    }
}
