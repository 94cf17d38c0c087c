import Foundation

/// The machine that the tests run on, as something only one may change and many may measure.
public enum LiveMachine {
    /// Runs `body` while no other test (of this run or another) takes CPUs away; with `isExclusive`, while no other measures.
    public static func use<Result>(isExclusive: Bool = false, _ body: () throws -> Result) throws -> Result {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("irqscope-live-machine.lock").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw POSIXError(.EACCES) }
        defer { close(descriptor) }
        // A run that hangs somewhere must not hang all others.
        let end = Date().addingTimeInterval(60)
        while flock(descriptor, (isExclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0 {
            guard Date() < end else { throw POSIXError(.ETIMEDOUT) }
            usleep(50_000)
        }
        return try body()
    }
}
