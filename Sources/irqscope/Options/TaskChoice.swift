internal import ArgumentParser

/// The tasks that `--task` asks for: a pid, or a regular expression for names.
struct TaskChoice: Sendable {
    private let pid: Int64?
    private let pattern: NamePattern?

    @Sendable init(_ text: String) throws {
        pid = Int64(text)
        pattern = pid == nil ? try NamePattern.compile(text) : nil
    }

    func contains(name: String, pid: Int64) -> Bool {
        if let wanted = self.pid { return wanted == pid }
        return pattern?.matches(name) ?? true
    }
}
