import Foundation

/// A program that a test needs and that is not there.
public struct MissingProgram: Error { public let name: String }

/// The bytes as gzip(1), zstd(1) or xz(1) pack them.
public func packed(_ bytes: [UInt8], with tool: String, _ options: String...) throws -> [UInt8] {
    guard let path = program(tool) else { throw MissingProgram(name: tool) }
    return [UInt8](try run(path, options + ["-c"], input: Data(bytes)).output)
}
