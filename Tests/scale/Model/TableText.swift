/// The text of a table of counts, as the kernel prints it.
public struct TableText {
    public private(set) var bytes: [UInt8] = []

    public init() { bytes.reserveCapacity(64 << 10) }

    /// Begins a text with the line that names the CPUs.
    public mutating func begin(_ cpus: [Int]) {
        bytes.removeAll(keepingCapacity: true)
        put("           ")
        for cpu in cpus { put("CPU\(cpu)     ") }
        newLine()
    }

    /// Begins a text without that line.
    public mutating func begin() { bytes.removeAll(keepingCapacity: true) }

    public mutating func put(_ text: String) { bytes.append(contentsOf: text.utf8) }

    public mutating func newLine() { bytes.append(UInt8(ascii: "\n")) }

    /// Puts a blank and a number.
    public mutating func put(_ number: UInt64) {
        bytes.append(UInt8(ascii: " "))
        let start = bytes.count
        var rest = number
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }
}
