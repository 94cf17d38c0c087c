/// The facts of a kernel that checks and verdicts go by: its release and options, and where its handlers run.
///
/// Whoever asks whether handlers run in threads asks this one, so that `alert` and `doctor` cannot answer differently.
public struct KernelFacts: Sendable {
    /// The release, such as `6.1.0-56-amd64`; "" if unknown.
    public let release: String
    /// The words of the kernel's command line; nil where it cannot be read.
    public let commandLine: [String]?
    /// True on kernels with PREEMPT_RT, by their own version, by sysfs, or by a release that has `rt` for a part
    /// (`6.12.48+deb13-rt-amd64`, `6.1.0-rt5`); nil if nothing tells.
    public let isRealtime: Bool?
    /// The number of the release's first two parts; nil if unknown.
    private let number: (major: Int, minor: Int)?

    /// Reads what the kernel tells of itself.
    ///
    /// - Parameters:
    ///   - release: the release; "" if unknown.
    ///   - text: the text of a file below the directory that holds proc and sys, such as `proc/version`; nil if it cannot be read.
    public init(release: String, text: (String) -> String?) {
        self.release = release
        commandLine = text("proc/cmdline").map { $0.split(separator: " ").map(String.init) }
        let parts = release.split { $0 == "-" || $0 == "." || $0 == "+" }
        let isNamed = parts.contains { $0.hasPrefix("rt") && $0.dropFirst(2).allSatisfy(\.isNumber) }
        let versions = ["proc/sys/kernel/version", "proc/version"].compactMap { text($0) }
        // `#1 SMP PREEMPT_RT Debian 6.12.95-1`; `PREEMPT RT` while it was a set of patches.
        if versions.contains(where: { $0.contains("PREEMPT_RT") || $0.contains("PREEMPT RT") }) {
            isRealtime = true
        } else if let word = text("sys/kernel/realtime") {
            isRealtime = word == "1"
        } else {
            isRealtime = isNamed ? true : versions.isEmpty ? nil : false
        }
        let numbers = release.split(separator: ".").prefix(2).map { Int($0.prefix { $0.isNumber }) }
        if numbers.count == 2, let major = numbers[0], let minor = numbers[1] {
            number = (major, minor)
        } else {
            number = nil
        }
    }

    /// True if all handlers run in threads: PREEMPT_RT, or `threadirqs`, which the kernel takes with any value.
    public var areHandlersThreaded: Bool { isRealtime == true || option("threadirqs") != nil }

    /// The value of an option of the command line, the last one that is given; nil if it is not there or the line cannot be
    /// read, "" for a word without a value.
    public func option(_ name: String) -> String? {
        commandLine?.last { $0 == name || $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    /// True if the kernel is at least this release; nil if its release is unknown.
    public func isAtLeast(_ major: Int, _ minor: Int) -> Bool? { number.map { $0 >= (major, minor) } }

    /// True if the mode of smp_affinity says whether that mask can be set (c7718e5c76d4, Linux 6.12).
    public var isMaskModeTold: Bool { isAtLeast(6, 12) == true }
}
