internal import Glibc
public import IRQCore

/// The clocks of a box, in nanoseconds.
public struct KernelClock: Sendable {
    /// The time that a test told; nil for the kernel's own.
    private let told: BoxTime?

    /// Creates the running kernel's clock.
    public init() { told = nil }

    /// Creates the clock of a box.
    ///
    /// For checks from outside IRQSCOPE_TEST_CLOCK may hold three numbers of seconds, CLOCK_MONOTONIC, CLOCK_BOOTTIME and
    /// CLOCK_REALTIME, separated by commas: they are then the time of a saved copy. A running kernel has its own.
    public init(_ roots: KernelRoots) { told = roots.isLive ? nil : Self.toldTime() }

    /// The time now.
    public func now() -> BoxTime {
        told
            ?? BoxTime(
                boot: Self.read(CLOCK_BOOTTIME), awake: Self.monotonic(), wall: Self.read(CLOCK_REALTIME))
    }

    /// CLOCK_MONOTONIC, as the box has it.
    func monotonic() -> UInt64 { told?.awake ?? Self.monotonic() }

    /// CLOCK_MONOTONIC of the running kernel.
    public static func monotonic() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// CLOCK_REALTIME of the running kernel: since 1970.
    public static func wall() -> UInt64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func toldTime() -> BoxTime? {
        guard let text = unsafe getenv("IRQSCOPE_TEST_CLOCK") else { return nil }
        let parts = unsafe String(cString: text).split(separator: ",").map { Double($0) ?? -1 }
        guard parts.count == 3, parts.allSatisfy({ (0...1e10).contains($0) }) else { return nil }
        let times = parts.map { UInt64($0 * 1e9) }
        return BoxTime(boot: times[1], awake: times[0], wall: times[2])
    }

    // MARK: Times for people

    /// A wall time as a person there and then reads it.
    public static func local(wallNanoseconds: UInt64) -> LocalTime {
        let now = Parts(wallNanoseconds: wallNanoseconds)
        let before = Parts(wallNanoseconds: wallNanoseconds - min(wallNanoseconds, 86_400_000_000_000))
        return LocalTime(minute: now.minute, weekday: now.weekday, date: now.date, dateBefore: before.date)
    }

    /// A wall time as `2026-11-21 15:04:05`, local.
    public static func text(wallNanoseconds: UInt64) -> String {
        let date = Parts(wallNanoseconds: wallNanoseconds).date
        return "\(date / 10_000)-\(two(date / 100 % 100))-\(two(date % 100)) "
            + timeOfDay(wallNanoseconds: wallNanoseconds)
    }

    /// A wall time as `15:04:05`, local.
    public static func timeOfDay(wallNanoseconds: UInt64) -> String {
        let now = Parts(wallNanoseconds: wallNanoseconds)
        return "\(two(now.minute / 60)):\(two(now.minute % 60)):\(two(now.second))"
    }

    private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// The parts of a `tm` that are of use; the `tm` itself holds a pointer and cannot be handed around.
    private struct Parts {
        let (date, minute, second, weekday): (Int, Int, Int, Int)

        init(wallNanoseconds: UInt64) {
            var seconds = time_t(wallNanoseconds / 1_000_000_000)
            var parts = unsafe tm()
            unsafe localtime_r(&seconds, &parts)
            let (year, month, day) = unsafe (Int(parts.tm_year), Int(parts.tm_mon), Int(parts.tm_mday))
            date = (year + 1900) * 10_000 + (month + 1) * 100 + day
            minute = unsafe Int(parts.tm_hour) * 60 + Int(parts.tm_min)
            second = unsafe Int(parts.tm_sec)
            weekday = unsafe Int(parts.tm_wday)
        }
    }
}
