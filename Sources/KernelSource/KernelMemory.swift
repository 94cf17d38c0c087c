internal import IRQCore

/// The memory of the machine.
public enum KernelMemory {
    /// Kilobytes that can be had without swapping, as /proc/meminfo tells them; nil if it does not.
    public static func availableKilobytes() -> Int? {
        var text = TextBuffer(capacity: 4096)
        do throws(SourceError) {
            try ProcFile.read("/proc/meminfo", into: &text)
        } catch {
            return nil
        }
        return kilobytes(text)
    }

    private static func kilobytes(_ text: borrowing TextBuffer) -> Int? {
        let bytes = text.bytes
        var start = 0
        while start < bytes.byteCount {
            var end = start
            while let byte = bytes.byte(at: end), byte != 0x0A { end += 1 }
            let line = bytes.extracting(start..<end)
            start = end + 1
            guard line.begins(with: "MemAvailable:") else { continue }
            var digit = 13
            while line.byte(at: digit) == 0x20 { digit += 1 }
            return line.decimal(at: digit).flatMap { Int(exactly: $0.value) }
        }
        return nil
    }
}
