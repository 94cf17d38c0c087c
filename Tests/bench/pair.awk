# The least that a script does about a trace as text: pairs handlers and softirqs by CPU, and sums up their times.
#
#   mawk -v cpu=5 -f pair.awk TEXT      cpu: the place of the CPU's column from the line's end, 4 without flags
{
    event = $(NF - 2)
    if (event == "irq_handler_entry:" || event == "softirq_entry:") start[$(NF - cpu), $(NF - 1)] = $(NF - 3)
    else if (event == "irq_handler_exit:" || event == "softirq_exit:") {
        key = $(NF - cpu) SUBSEP $(NF - 1)
        if (key in start) {
            count[$(NF - 1)]++
            sum[$(NF - 1)] += $(NF - 3) - start[key]
            delete start[key]
        }
    }
}
END { for (key in count) print key, count[key], sum[key] }
