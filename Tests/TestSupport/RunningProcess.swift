import Foundation

/// A program that runs while the test reads its output line by line.
public final class RunningProcess {
    private let process = Process()
    private let pipe = Pipe()
    private var pending = Data()
    /// Its process number.
    public var id: Int32 { process.processIdentifier }

    public init(_ program: String, _ arguments: [String]) throws {
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.close()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    /// The next line; nil at the end, or if none comes in time.
    public func line(seconds: Double = 20) -> String? {
        let end = Date().addingTimeInterval(seconds)
        while true {
            if let newline = pending.firstIndex(of: 0x0A) {
                let line = pending[pending.startIndex..<newline]
                pending.removeSubrange(pending.startIndex...newline)
                return String(decoding: line, as: UTF8.self)
            }
            var descriptor = pollfd(fd: pipe.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let left = end.timeIntervalSinceNow
            guard left > 0, poll(&descriptor, 1, Int32(left * 1000) + 1) > 0 else { return nil }
            let data = pipe.fileHandleForReading.availableData
            if data.isEmpty { return nil }
            pending += data
        }
    }

    /// Reads no more: whatever is written from now on finds nobody.
    public func closeOutput() throws { try pipe.fileHandleForReading.close() }

    /// Waits for its end and returns its status (128 + the signal that ended it); nil if it goes on.
    public func status(seconds: Double = 10) -> Int32? {
        let end = Date().addingTimeInterval(seconds)
        while process.isRunning, Date() < end { usleep(10_000) }
        if process.isRunning { return nil }
        return process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    }
}
