internal import IRQCore

extension TopScreen {
    /// Draws the keys of the view, or what is being typed.
    func drawFoot(_ live: Box, _ state: TopState, on screen: inout Screen) {
        // A screen of a few rows may have drawn here.
        screen.clear(screen.rowCount - 1..<screen.rowCount)
        screen.move(screen.rowCount - 1)
        if let prompt = state.prompt {
            Self.drawPrompt(prompt, live, state, on: &screen)
            return
        }
        let quit = TopKeys.all.last?.foot
        for keys in TopKeys.all.dropLast() where keys.views.contains(state.view) {
            guard let foot = keys.foot, Self.isOfUse(keys, state.view) else { continue }
            Self.drawKey(foot.name, Self.words(foot, state), on: &screen)
        }
        if state.view.isPage, state.firstLine + pageCount < rowCount {
            Self.drawKey("PgDn", "More", on: &screen)
        }
        if let quit { Self.drawKey(quit.name, quit.words, isLast: true, on: &screen) }
    }

    /// True if a key is worth its room at the foot of a view.
    private static func isOfUse(_ keys: TopKeys, _ view: TopState.View) -> Bool {
        switch keys.foot?.name {
        case "Esc": view.isPage
        case "1-4", "F4", "z": !view.isPage
        default: true
        }
    }

    private static func words(_ foot: (name: String, words: String), _ state: TopState) -> String {
        switch foot.name {
        case "F4": state.view == .cpus ? "GoTo" : foot.words
        case "Space": state.isFrozen ? "Go on" : foot.words
        default: foot.words
        }
    }

    private static func drawPrompt(
        _ prompt: TopState.Prompt, _ live: Box, _ state: TopState, on screen: inout Screen
    ) {
        switch prompt {
        case .filter:
            screen.write("Filter: ", .bold)
            screen.write(state.shownFilter)
            screen.write(0x5F, .bold)
            screen.write("   Enter keeps it, Esc clears it", .dim)
        case .cpu:
            screen.write("CPU: ", .bold)
            screen.write(state.cpuText)
            screen.write(0x5F, .bold)
            if let cpu = Int(state.cpuText), live.interrupts.sample.table.column(cpu: cpu) == nil {
                screen.write("   it is not among those shown", .warning)
            } else {
                screen.write("   Enter or Esc ends it", .dim)
            }
        }
    }

    /// Draws a key whole or not at all, and leaves room for the last one, which leads out.
    private static func drawKey(_ key: String, _ words: String, isLast: Bool = false, on screen: inout Screen) {
        let end = screen.currentColumn + key.utf8.count + words.utf8.count
        if !isLast, end + 6 > screen.columnCount { return }
        screen.write(key, .key)
        screen.write(words)
        screen.skip()
    }
}
