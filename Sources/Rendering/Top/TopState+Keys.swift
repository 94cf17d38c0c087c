extension TopState {
    /// Changes what a key changes in the view that is shown.
    ///
    /// - Parameters:
    ///   - rowCount: the number of rows that the screen could show.
    ///   - pageCount: the number of rows that fit.
    ///   - serial: the row at a place of the order, to be followed.
    public mutating func take(_ key: TopKey, rowCount: Int, pageCount: Int, serial: (Int) -> UInt32?) {
        if isTyping {
            type(key)
            return
        }
        guard let action = TopKeys.action(key, in: view) else { return }
        switch action {
        case .show(let view): show(view)
        case .showNext: showNext()
        case .open: open(serial)
        case .plan: openPlan(serial)
        case .goBack: goBack()
        case .move(let step): move(by: step, rowCount, pageCount, serial)
        case .movePage(let step): move(by: step * max(pageCount, 1), rowCount, pageCount, serial)
        case .moveToEnd(let direction): move(by: direction * rowCount, rowCount, pageCount, serial)
        case .sort(let key): chooseSort(key)
        case .changeSort(let step): changeSort(by: step)
        case .reverse: order.isReversed.toggle()
        case .find: startTyping(view.table == .cpus ? .cpu : .filter)
        case .goToCPU: startTyping(.cpu)
        case .hideIdle: hidesIdle.toggle()
        case .fold: isFolded.toggle()
        case .scroll(let step): firstColumn = min(max(firstColumn + step, 0), 65_536)
        case .freeze: isFrozen.toggle()
        case .trace: isTracing.toggle()
        case .follow:
            isDeep.toggle()
            if isDeep { isTracing = true }
        case .forget: isForgetting = true
        case .hideNotes: hidesNotes.toggle()
        case .changeInterval(let isLonger): changeInterval(longer: isLonger)
        case .quit: isDone = true
        }
    }

    // MARK: Typing

    private mutating func startTyping(_ prompt: Prompt) {
        show(prompt == .cpu ? .cpus : view.table ?? .interrupts)
        if prompt == .cpu { cpuText = "" }
        self.prompt = prompt
    }

    private mutating func type(_ key: TopKey) {
        switch key {
        case .enter: prompt = nil
        case .escape:
            change { $0 = "" }
            prompt = nil
            return
        case .backspace: change { if !$0.isEmpty { $0.removeLast() } }
        case .character(let scalar):
            guard scalar >= 0x20, scalar != 0x7F, let scalar = Unicode.Scalar(scalar) else { return }
            // The number of a CPU has five digits at most.
            let isTaken = prompt == .filter || ("0"..."9").contains(scalar) && cpuText.utf8.count < 5
            if isTaken { change { if $0.unicodeScalars.count < 64 { $0.unicodeScalars.append(scalar) } } }
        default: break
        }
        if prompt == .cpu || view == .cpus {
            if let cpu = UInt32(cpuText) { followed = cpu }
        } else {
            (cursor, firstRow, followed) = (0, 0, nil)
        }
    }

    private mutating func change(_ body: (inout String) -> Void) {
        if prompt == .cpu {
            body(&cpuText)
        } else if view == .softirqs {
            body(&softirqFilter)
            (cursor, firstRow, followed) = (0, 0, nil)
        } else if view == .tasks {
            body(&taskFilter)
            (cursor, firstRow, followed) = (0, 0, nil)
        } else {
            body(&filter)
            (cursor, firstRow, followed) = (0, 0, nil)
        }
    }

    // MARK: Views

    private mutating func show(_ view: View) {
        if self.view == view {
            if view == .help { goBack() }
            return
        }
        // A look at the help, or at a page, leaves the cursor of its table where it was.
        let isBack = self.view != .help && self.view.table == view || self.view == .help && view == earlierView
        if view == .help { earlierView = self.view }
        self.view = view
        firstLine = 0
        if view != .help, !isBack { (cursor, firstRow, followed) = (0, 0, nil) }
    }

    private mutating func showNext() {
        switch view.table {
        case .interrupts: show(.softirqs)
        case .softirqs: show(.cpus)
        case .cpus: show(.tasks)
        default: show(.interrupts)
        }
    }

    private mutating func goBack() {
        if view == .help {
            (view, firstLine) = (earlierView, 0)
        } else if view == .plan {
            (view, firstLine) = (viewBelowPlan, 0)
        } else if view.isPage, let table = view.table {
            (view, firstLine) = (table, 0)
        } else if view == .softirqs {
            softirqFilter = ""
        } else if view == .tasks {
            taskFilter = ""
        } else if view == .interrupts {
            filter = ""
        }
    }

    private mutating func open(_ serial: (Int) -> UInt32?) {
        guard let chosen = serial(cursor) else { return }
        switch view {
        case .interrupts: (view, detailSerial) = (.detail, chosen)
        case .softirqs: (view, softirqRow) = (.softirq, chosen)
        case .cpus: (view, cpu) = (.cpu, chosen)
        case .tasks: (view, task) = (.task, chosen)
        case .detail, .plan, .softirq, .cpu, .task, .help: return
        }
        (followed, firstLine) = (chosen, 0)
    }

    private mutating func openPlan(_ serial: (Int) -> UInt32?) {
        guard let chosen = view == .detail ? detailSerial : serial(cursor) else { return }
        if view == .interrupts { followed = chosen }
        (viewBelowPlan, view, firstLine) = (view, .plan, 0)
        (planSerial, isPlanning) = (chosen, true)
    }

    private mutating func move(by count: Int, _ rowCount: Int, _ pageCount: Int, _ serial: (Int) -> UInt32?) {
        if view.isPage {
            firstLine = min(max(firstLine + count, 0), max(rowCount - pageCount, 0))
            return
        }
        cursor = min(max(cursor + count, 0), max(rowCount - 1, 0))
        followed = serial(cursor)
    }

    // MARK: Order and interval

    private mutating func chooseSort(_ key: SortKey) {
        guard SortKey.keys(of: view).contains(key) else { return }
        order = order.key == key ? SortOrder(key, isReversed: !order.isReversed) : SortOrder(key)
    }

    private mutating func changeSort(by step: Int) {
        let keys = SortKey.keys(of: view)
        guard !keys.isEmpty else { return }
        let place = keys.firstIndex(of: order.key) ?? 0
        order = SortOrder(keys[(place + step + keys.count) % keys.count])
    }

    /// 0.1, 0.2, 0.5, 1, 2, 5 … seconds.
    private mutating func changeInterval(longer: Bool) {
        var steps: [UInt64] = []
        for decade: UInt64 in [100_000_000, 1_000_000_000, 10_000_000_000] {
            steps += [decade, decade * 2, decade * 5]
        }
        steps.append(Self.longestInterval)
        let next = longer ? steps.first { $0 > intervalNanoseconds } : steps.last { $0 < intervalNanoseconds }
        if let next { intervalNanoseconds = min(next, Self.longestInterval) }
    }
}
