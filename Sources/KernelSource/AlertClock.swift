internal import Glibc
public import IRQCore

/// The clocks that `irqscope alert` goes by.
///
/// For tests, IRQSCOPE_TEST_CLOCK may hold three numbers of seconds instead: CLOCK_BOOTTIME, CLOCK_MONOTONIC and
/// CLOCK_REALTIME, separated by commas.
public enum AlertClock {
    /// Now.
    public static func now() -> AlertTime {
        test
            ?? AlertTime(
                boot: LiveSource.now(CLOCK_BOOTTIME), awake: LiveSource.now(CLOCK_MONOTONIC),
                wall: LiveSource.now(CLOCK_REALTIME))
    }

    /// What a test wants it to be.
    static var test: AlertTime? {
        guard let text = unsafe getenv("IRQSCOPE_TEST_CLOCK") else { return nil }
        let parts = unsafe String(cString: text).split(separator: ",").map { Double($0) ?? -1 }
        guard parts.count == 3, parts.allSatisfy({ (0...1e10).contains($0) }) else { return nil }
        return AlertTime(boot: UInt64(parts[0] * 1e9), awake: UInt64(parts[1] * 1e9), wall: UInt64(parts[2] * 1e9))
    }

    /// A wall time as a person there and then reads it.
    public static func local(_ time: AlertTime) -> LocalTime {
        let now = Parts(wallNanoseconds: time.wall)
        let before = Parts(wallNanoseconds: time.wall - min(time.wall, 86_400_000_000_000))
        return LocalTime(minute: now.minute, weekday: now.weekday, date: now.date, dateBefore: before.date)
    }

    /// A wall time as `2026-11-21 15:04:05`, local.
    public static func text(wallNanoseconds: UInt64) -> String {
        let now = Parts(wallNanoseconds: wallNanoseconds)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(now.date / 10_000)-\(two(now.date / 100 % 100))-\(two(now.date % 100)) "
            + "\(two(now.minute / 60)):\(two(now.minute % 60)):\(two(now.second))"
    }

    /// What is wanted of a `tm`, which holds a pointer and cannot be handed around.
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
