internal import IRQCore

/// Boxes that are well until something goes wrong.
public enum SickKinds {
    public static var all: [BoxKind] {
        [
            sick(HealthyKinds.desktop, "8,000 a second of a line without work", .storm(irq: 16, perSecond: 8_000), .storm),
            sick(HealthyKinds.laptop, "3,000 a second of ACPI", .storm(irq: 9, perSecond: 3_000), .storm),
            sick(HealthyKinds.gpuBox, "40,000 a second of a network queue without packets", .storm(irq: 101, perSecond: 40_000), .storm),
            sick(
                HealthyKinds.desktop, "half of 200 a second claimed by nobody", .unhandled(irq: 16, share: 0.5, perSecond: 200), .unhandled),
            sick(HealthyKinds.storageServer, "a machine check a day", .errors(row: "MCE", perMonth: 30), .errors),
            sick(HealthyKinds.smallVM, "the host takes 40 %", .steal(share: 0.4), .steal),
            sick(HealthyKinds.router, "50 packets a second dropped", .drops(perSecond: 50), .softirq),
            sick(HealthyKinds.webServer, "ksoftirqd at 95 %", .ksoftirqd(share: 0.95), .softirq),
            sick(HealthyKinds.database, "all queues of a disk on one CPU", .oneCPU(group: "nvme0n1", perSecond: 2_500), .placement),
            sick(HealthyKinds.nightBatch, "a queue served outside of its mask", .outside(irq: 101), .placement),
        ]
    }

    private static func sick(_ kind: BoxKind, _ name: String, _ sickness: Sickness.Kind, _ verdict: Verdict) -> BoxKind {
        var kind = kind
        kind.sickness = Sickness(name, sickness, verdict)
        return kind
    }
}
