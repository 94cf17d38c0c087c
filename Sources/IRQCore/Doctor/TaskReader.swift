/// Reads the processes and threads of a box, in both samples.
struct TaskReader {
    /// More processes, and more threads of processes with several, are not looked at.
    static let (processLimit, threadLimit) = (32_768, 4_096)

    /// The share of a CPU from which on a task is named with it.
    static let namedShare = 0.05

    private let input: ExaminationInput
    /// What the processes tell of the kernel's threads: known once they were read.
    private(set) var sight = ThreadSight.hidden

    init(_ input: ExaminationInput) { self.input = input }

    /// The tasks with their shares; nil if no process can be seen.
    mutating func read(intervalNanoseconds: UInt64?) -> [ExaminedTask]? {
        let files = input.files
        guard let names = files.names("proc") else { return nil }
        let processes = names.filter { Int($0).map { $0 > 0 } ?? false }
        var result: [ExaminedTask] = []
        var threadCount = 0
        // The threads of the kernel are processes of one thread: those are all read up to the limit.
        var isWhole = processes.count <= Self.processLimit
        for name in processes.prefix(Self.processLimit) {
            let answer = files.read("proc/\(name)/stat")
            guard let process = Int(name), let text = answer.text, let task = ExaminedTask(stat: text, process: process)
            else {
                // One that has ended is none.
                if answer != .missing { isWhole = false }
                continue
            }
            guard task.threadCount > 1, threadCount < Self.threadLimit,
                let threads = files.names("proc/\(name)/task"), threads.count > 1
            else {
                result.append(pinned(shared(task, intervalNanoseconds)))
                continue
            }
            for thread in threads.prefix(Self.threadLimit - threadCount) {
                guard let text = files.read("proc/\(name)/task/\(thread)/stat").text,
                    let task = ExaminedTask(stat: text, process: process)
                else { continue }
                threadCount += 1
                result.append(pinned(shared(task, intervalNanoseconds)))
            }
        }
        if result.contains(where: \.isKernel) {
            sight = .seen(isWhole: isWhole)
        } else {
            sight = processes.isEmpty ? .noProcess : .hidden
        }
        return result.isEmpty ? nil : result
    }

    /// The task on the one CPU that it may run on, for those that a check may name with their CPU.
    private func pinned(_ task: ExaminedTask) -> ExaminedTask {
        guard task.isRealtime || (task.cpuShare ?? 0) >= Self.namedShare else { return task }
        guard let status = input.files.read("\(task.folder)/status").text,
            let allowed = ExaminedTask.allowedCPUs(status: status), allowed.count == 1, let cpu = allowed.lowest
        else { return task }
        var task = task
        task.lastCPU = cpu
        return task
    }

    private func shared(_ task: ExaminedTask, _ intervalNanoseconds: UInt64?) -> ExaminedTask {
        var task = task
        guard let intervalNanoseconds, let earlier = input.earlier else { return task }
        let folder = task.pid == task.process && task.threadCount == 1 ? "proc/\(task.pid)" : nil
        let path = folder ?? "proc/\(task.process)/task/\(task.pid)"
        let before = earlier.read("\(path)/stat").text ?? earlier.read("\(task.folder)/stat").text
        let old = before.flatMap { ExaminedTask(stat: $0, process: task.process) }
        let oldTicks: UInt64
        if let old, old.startTicks == task.startTicks {
            oldTicks = old.cpuTicks
        } else if let uptime = earlier.read("proc/uptime").text?.split(separator: " ").first.flatMap({ Double($0) }),
            Double(task.startTicks) >= uptime * Double(max(input.ticksPerSecond, 1))
        {
            // It began between the samples: all that it took is of that time.
            oldTicks = 0
        } else {
            return task
        }
        guard task.cpuTicks >= oldTicks else { return task }
        let used = Double(task.cpuTicks - oldTicks) / Double(max(input.ticksPerSecond, 1))
        // Ticks may be counted late.
        task.cpuShare = min(used * 1e9 / Double(intervalNanoseconds), 1)
        return task
    }
}
