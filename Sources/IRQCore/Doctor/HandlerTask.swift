/// A thread of an interrupt's handler, `irq/91-enp2s0-TxRx-2`.
struct HandlerTask {
    let task: ExaminedTask
    let irq: Int
}

extension Examination {
    /// The threads of handlers.
    ///
    /// - Throws: the reason why they cannot be seen.
    func handlerThreads() throws(Unjudged) -> [HandlerTask] {
        guard let tasks, tasks.contains(where: \.isKernel) else {
            throw Unjudged("no threads of the kernel can be seen in proc")
        }
        return tasks.compactMap { task in
            guard task.isKernel, task.name.hasPrefix("irq/") else { return nil }
            let digits = task.name.dropFirst(4).prefix { $0.isASCII && $0.isNumber }
            guard let irq = Int(digits) else { return nil }
            return HandlerTask(task: task, irq: irq)
        }
    }
}
