import Foundation
import TestSupport
import Testing

@testable import KernelSource

/// A process that holds an instance.
final class Holder {
    let process = Process()
    /// The instance's name; "" if it has none.
    let name: String
    private let output = Pipe()

    /// - Parameter launcher: a program that starts it, such as unshare(1), and its arguments.
    init(_ mode: String, launcher: [String] = []) throws {
        let words = launcher + [Self.path, mode]
        process.executableURL = URL(fileURLWithPath: words[0])
        process.arguments = Array(words.dropFirst())
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var line = Data()
        while let byte = try output.fileHandleForReading.read(upToCount: 1), byte.first ?? 0x0A != 0x0A { line += byte }
        name = String(decoding: line, as: UTF8.self)
    }

    func end(_ signal: Int32) {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
    }

    static let path = Places.command.deletingLastPathComponent().appendingPathComponent("TraceHolder").path
}
