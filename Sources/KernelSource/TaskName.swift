internal import IRQCore

/// The names of tasks.
enum TaskName {
    /// The name of a task as /proc has it now; nil if the task is gone.
    static func find(_ pid: Int64) -> String? {
        var text = TextBuffer(capacity: 64)
        do throws(SourceError) {
            try ProcFile.read("/proc/\(pid)/comm", into: &text)
        } catch {
            return nil
        }
        return name(text)
    }

    private static func name(_ text: borrowing TextBuffer) -> String? {
        var name: [UInt8] = []
        let bytes = text.bytes
        while let byte = bytes.byte(at: name.count), byte != 0x0A { name.append(byte) }
        return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
    }
}
