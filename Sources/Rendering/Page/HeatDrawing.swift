internal import IRQCore

/// The colours of counts: 16 levels, each as many times the one before.
struct HeatLevels: Equatable {
    /// The number of levels, each a class of the style sheet.
    static let count = 16
    /// The lowest count of each level.
    let lowest: [UInt64]
    /// The highest count of all.
    let most: UInt64

    /// Creates levels from 1 to a count.
    init(most: UInt64) {
        self.most = max(most, 1)
        // The 16th root.
        var factor = Double(self.most)
        for _ in 0..<4 { factor = factor.squareRoot() }
        var (lowest, bound): ([UInt64], Double) = ([], 1)
        for _ in 0..<Self.count {
            lowest.append(UInt64(bound.rounded(.up)))
            bound *= factor
        }
        self.lowest = lowest
    }

    /// The level of a count that is not 0.
    func level(_ count: UInt64) -> Int { (lowest.lastIndex { $0 <= count }) ?? 0 }

    /// The counts of a level; nil if it has none.
    func counts(_ level: Int) -> ClosedRange<UInt64>? {
        let end = level + 1 < Self.count ? lowest[level + 1] - 1 : most
        return lowest[level] <= end ? lowest[level]...end : nil
    }
}

/// The cells of a heat map as lines, one for each stretch of cells of a level: a few bytes a cell.
struct HeatDrawing {
    private let map: HeatMap
    private let levels: HeatLevels
    private let steps: Range<Int>
    /// True if the counts of cells are written too, where the colour does not tell them.
    private let hasCounts: Bool

    init(_ map: HeatMap, _ levels: HeatLevels, _ axis: LatencyAxis, hasCounts: Bool) {
        (self.map, self.levels, steps, self.hasCounts) = (map, levels, axis.steps, hasCounts)
    }

    private struct Line {
        var path = ""
        var counts: [String] = []
        var (column, step, length) = (0, 0, 0)
        /// The point where the path ends: the begin of what is moved by.
        var pen: (column: Int, step: Int)?

        mutating func end() {
            if length > 0 { path += "h\(length)" }
            if let pen { self.pen = (pen.column + length, pen.step) }
            length = 0
        }
    }

    /// Writes a path for each level that has cells.
    func write(to output: inout ByteOutput) {
        var lines = [Line](repeating: Line(), count: HeatLevels.count)
        for cell in map.cells.sorted(by: { ($0.step, $0.column) < ($1.step, $1.column) }) {
            let level = levels.level(cell.count)
            add(Int(cell.column), Int(cell.step), to: &lines[level])
            if hasCounts, let counts = levels.counts(level), counts.count > 1 {
                lines[level].counts.append(String(cell.count - counts.lowerBound, radix: 36))
            }
        }
        for level in lines.indices where lines[level].pen != nil {
            lines[level].end()
            let counts = levels.counts(level) ?? 1...1
            output.put("<path class=\"h\(level)\" data-c=\"\(counts.lowerBound)-\(counts.upperBound)\"")
            if !lines[level].counts.isEmpty {
                output.put(" data-n=\"" + lines[level].counts.joined(separator: " ") + "\"")
            }
            output.put(" d=\"" + lines[level].path + "\"/>")
        }
    }

    private func add(_ column: Int, _ step: Int, to line: inout Line) {
        if line.length > 0, line.step == step, line.column + line.length == column {
            line.length += 1
            return
        }
        line.end()
        if let pen = line.pen {
            let down = pen.step - step
            line.path += "m\(column - pen.column)" + (down < 0 ? "\(down)" : " \(down)")
        } else {
            // Lines go through the middle of a step.
            line.path = "M\(column) \(steps.upperBound - 1 - step).5"
        }
        line.pen = (column, step)
        (line.column, line.step, line.length) = (column, step, 1)
    }
}

/// A series of numbers, one a column, as the outline of an area.
enum AreaDrawing {
    /// The path of an area: each value as a part of the height, which is a whole number of units.
    static func path(_ shares: [Double], height: Int) -> String {
        var path = "M0 \(height)"
        var (level, length) = (0, 0)
        for share in shares {
            let value = share > 0 ? max(Int((min(share, 1) * Double(height)).rounded()), 1) : 0
            if value != level {
                if length > 0 { path += "h\(length)" }
                path += "v\(level - value)"
                (level, length) = (value, 0)
            }
            length += 1
        }
        if length > 0 { path += "h\(length)" }
        return path + "V\(height)z"
    }
}
