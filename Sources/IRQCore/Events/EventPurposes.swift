extension CatalogueEvent {
    /// The event's use, for lists of events.
    public var purpose: String {
        switch fullName {
        case "irq:irq_handler_entry": "a handler begins: its interrupt and its name"
        case "irq:irq_handler_exit":
            "it ends: how long it took, whether the interrupt was its own, whether it wakes its thread"
        case "irq:softirq_raise": "a softirq is asked for: where its wait begins, and which interrupt raised it"
        case "irq:softirq_entry": "it begins, in whatever task serves it"
        case "irq:softirq_exit": "it ends"
        case "irq_vectors:*_entry": "a timer, IPI or other vector of x86 begins"
        case "irq_vectors:*_exit": "it ends"
        case "irq:tasklet_entry": "a tasklet's function begins"
        case "irq:tasklet_exit": "it ends"
        case "workqueue:workqueue_queue_work": "work is queued: where its wait begins"
        case "workqueue:workqueue_execute_start": "its function begins in a kworker"
        case "workqueue:workqueue_execute_end": "it ends"
        case "napi:napi_poll": "packets that a poll took, and whether its budget was enough"
        case "ipi:ipi_send_cpu": "an IPI is sent to a CPU: the place that sends it, and the function it calls"
        case "ipi:ipi_send_cpumask": "the same to several CPUs"
        case "ipi:ipi_raise": "an IPI of Arm is sent, and why"
        case "ipi:*": "other IPIs of Arm"
        case "csd:csd_queue_cpu": "a call on another CPU is queued: where its wait begins"
        case "csd:csd_function_entry": "the called function begins there"
        case "csd:csd_function_exit": "it ends"
        case "timer:timer_expire_entry": "a timer's function begins"
        case "timer:timer_expire_exit": "it ends"
        case "timer:hrtimer_start": "an hrtimer is set: when it should expire"
        case "timer:hrtimer_expire_entry": "its function begins: how late"
        case "timer:hrtimer_expire_exit": "it ends"
        case "sched:sched_switch": "a CPU goes to another task: who runs, who waits, who pays for interrupts"
        case "sched:sched_waking": "a task is woken: by which interrupt, and where its wait begins"
        case "sched:sched_wakeup": "it can run: on which CPU"
        case "sched:sched_wakeup_new": "a new task can run"
        case "sched:sched_migrate_task": "a task moves to another CPU"
        case "exceptions:page_fault_user": "a page fault of a task in user space"
        case "exceptions:page_fault_kernel": "a page fault of a task in the kernel"
        default: ""
        }
    }
}
