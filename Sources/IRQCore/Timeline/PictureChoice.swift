/// The pictures of a selection of rows: those of the rows, and of the tasks that nothing else woke.
struct PictureChoice {
    /// The most pictures of a group of rows that were chosen.
    static let limit = 32

    private struct Task: Hashable {
        let name: String
        let pid: Int64
    }

    private let selection: RowSelection
    private let tasks: Set<Task>

    /// - Parameter report: with all that woke tasks.
    init(_ selection: RowSelection, _ report: Report) {
        self.selection = selection
        guard var deep = report.deep else {
            tasks = []
            return
        }
        func counts(_ wakes: [DeepReport.Wake]) -> [Task: Int] {
            wakes.reduce(into: [:]) { $0[Task(name: $1.name, pid: $1.pid), default: 0] += 1 }
        }
        let all = counts(deep.wakes)
        deep.select(selection)
        tasks = Set(counts(deep.wakes).filter { all[$0.key] == $0.value }.keys)
    }

    /// True if the picture is shown.
    func contains(_ subject: HeatMap.Subject) -> Bool {
        switch subject {
        case .row(let key, _): selection.contains(key)
        case .wake(let name, let pid): tasks.contains(Task(name: name, pid: pid))
        case .task: false
        }
    }
}
