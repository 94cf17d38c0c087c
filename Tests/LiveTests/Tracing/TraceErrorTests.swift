import Foundation
import TestSupport
import Testing

@testable import KernelSource

/// Each reason for which nothing can be traced has its message of one line.
@Suite struct TraceErrorTests {
    static func failure(root: String?) -> String {
        do throws(TraceError) {
            return "made \(try TraceInstance(tracingRoot: root).name)"
        } catch {
            return error.description
        }
    }

    @Test func rootsThatAreNone() throws {
        let tree = try FakeTree()
        try tree.folder("instances")
        try tree.folder("events/irq")
        let advice = "leave out --tracing-root, or give the directory where tracefs is mounted"
        #expect(Self.failure(root: tree.root) == "\(tree.root): this is not the kernel's tracefs; \(advice)")
        #expect(Self.failure(root: "\(tree.root)/none") == "\(tree.root)/none: there is no such directory; \(advice)")
        try tree.write("file", "")
        #expect(Self.failure(root: "\(tree.root)/file") == "\(tree.root)/file: this is not the kernel's tracefs; \(advice)")
        #expect(Self.failure(root: "\(tree.root)/file/x") == "\(tree.root)/file/x: there is no such directory; \(advice)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: tree.root + "/instances").isEmpty)
        #expect(TraceOrphans.remove(tracingRoot: tree.root).isEmpty)
    }

    /// Locked down from boot on, the kernel has an empty tracefs, as the directory of instances is where there are none.
    @Test(.enabled(if: Tracefs.isUsable && program("unshare") != nil, Comment(rawValue: Tracefs.reason)))
    func lockdownAtBoot() throws {
        let empty = "\(try #require(Tracefs.root))/instances"
        func hold(_ script: String) throws -> String {
            let line = "mount -t tmpfs none /sys/kernel/security && \(script) && exec \(Holder.path) hold \(empty)"
            return try run("/usr/bin/timeout", ["20", "/usr/bin/unshare", "-m", "/bin/sh", "-c", line]).errors
        }
        let security = "/sys/kernel/security/lockdown"
        let lockedDown =
            "\(empty): the kernel is locked down, which forbids tracing; see kernel_lockdown(7); counters still work\n"
        #expect(try hold("echo 'none integrity [confidentiality]' > \(security)") == lockedDown)
        // Without securityfs what the kernel was booted with tells.
        let command = "/dev/shm/irqscope-test-cmdline-\(getpid())"
        try Data("root=/dev/vda lockdown=confidentiality quiet\n".utf8).write(to: URL(fileURLWithPath: command))
        defer { unlink(command) }
        #expect(try hold("mount --bind \(command) /proc/cmdline") == lockedDown)
        let unknown = try hold("echo '[none] integrity confidentiality' > \(security)")
        let names = try FileManager.default.contentsOfDirectory(atPath: empty)
        #expect(
            unknown.contains(names.isEmpty ? "nothing is in it, so the kernel has switched tracing off" : "instances"),
            "\(unknown)")
    }

    @Test func everyReasonIsOneLineWithAdvice() {
        let reasons: [TraceError.Reason] = [
            .notRoot, .notMounted(EPERM), .notMounted(ENODEV), .notMounted(EBUSY), .absent, .notTracefs, .readOnly, .lockedDown,
            .switchedOff, .refused, .noInstances, .eventMissing("irq:x"), .cpuUnknown(7), .setting("9", ENOMEM), .setting("x", EINVAL),
            .layoutUnknown, .system(ENOMEM), .system(EMFILE), .system(ENODEV), .system(EIO),
        ]
        for reason in reasons {
            let text = TraceError(path: "/t", reason: reason).description
            #expect(text.hasPrefix("/t: ") && text.contains("; ") && !text.contains("\n") && text.utf8.count < 160, "\(text)")
        }
        #expect(Set(reasons.map { TraceError(path: "/t", reason: $0).description }).count == reasons.count)
    }

    @Test(.enabled(if: Tracefs.isUsable && program("setpriv") != nil, Comment(rawValue: Tracefs.reason))) func notRoot() throws {
        // Where nobody may run it.
        let copy = "/var/tmp/irqscope-test-holder-\(getpid())"
        try FileManager.default.copyItem(atPath: Holder.path, toPath: copy)
        defer { unlink(copy) }
        chmod(copy, 0o755)
        let result = try run("/usr/bin/setpriv", ["--reuid=nobody", "--clear-groups", "--inh-caps=-all", copy, "hold"])
        #expect(result.status == 1, "\(result.errors)")
        #expect(result.errors.hasSuffix(": tracing is for root only; run irqscope as root, as in sudo irqscope\n"), "\(result.errors)")
    }

    @Test(.enabled(if: Tracefs.isUsable && program("unshare") != nil, Comment(rawValue: Tracefs.reason))) func mounts() throws {
        let root = try #require(Tracefs.root)
        // In a mount namespace of its own, which is gone with the shell.
        func inside(_ script: String) throws -> ProcessResult {
            try run("/usr/bin/timeout", ["20", "/usr/bin/unshare", "-m", "/bin/sh", "-c", script])
        }
        // All of them: where debugfs is mounted, tracefs is below it too and would be found there.
        let unmount =
            "for place in $(awk '$3 == \"tracefs\" || $3 == \"debugfs\" { print $2 }' /proc/mounts | sort -r); "
            + "do umount $place || exit 9; done"
        try #require(inside("true").status == 0, "a mount namespace")
        let readOnly = try inside("mount -o remount,ro,bind \(root) && exec \(Holder.path) hold")
        #expect(readOnly.status == 1)
        #expect(readOnly.errors.hasPrefix("\(root)/instances: tracefs is mounted read-only; try "), "\(readOnly.errors)")

        let unmounted = try inside(
            "\(unmount); \(Holder.path) read 0.01 512 50 && grep -c '^[^ ]* \(root) tracefs ' /proc/mounts")
        #expect(unmounted.status == 0 && unmounted.text.hasSuffix("\n1\n"), "\(unmounted.text) \(unmounted.errors)")

        let forbidden = try inside("\(unmount); exec setpriv --bounding-set=-sys_admin \(Holder.path) hold")
        #expect(forbidden.status == 1)
        #expect(forbidden.errors.contains("tracefs is not mounted and cannot be ("), "\(forbidden.errors)")
        #expect(
            try inside("\(unmount); \(Holder.path) orphans && grep -c tracefs /proc/mounts").text == "0\n",
            "looking for orphans mounts nothing")
    }
}
