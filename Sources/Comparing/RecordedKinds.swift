internal import IRQCore

/// The kinds of rows that each of some recordings has events of.
///
/// Recordings do not tell which events were asked for, only which came: where none of a kind did, it is unknown whether its
/// rows are new or were not recorded before.
struct RecordedKinds {
    private let files: [String]
    private let kinds: [Set<RowKind>]
    private let firstCount: Int

    /// Looks at the rows of all recordings, before any are chosen.
    init(_ first: [Report], _ second: [Report]) {
        let reports = first + second
        (files, kinds) = (reports.map(\.source.file), reports.map { Set($0.rows.map(\.kind)) })
        firstCount = first.count
    }

    /// The kinds that no recording of a side has, and one of the other has.
    var absent: (a: Set<RowKind>, b: Set<RowKind>) {
        let first = kinds[..<firstCount].reduce(into: Set<RowKind>()) { $0.formUnion($1) }
        let second = kinds[firstCount...].reduce(into: Set<RowKind>()) { $0.formUnion($1) }
        return (second.subtracting(first), first.subtracting(second))
    }

    /// A side of the comparison.
    enum Side { case first, second }

    /// True for each recording of a side that has events of a kind.
    func has(_ kind: RowKind, of side: Side) -> [Bool] {
        (side == .first ? kinds[..<firstCount] : kinds[firstCount...]).map { $0.contains(kind) }
    }

    /// The recordings of each side that have events of a kind.
    func having(_ kind: RowKind, _ first: [Report], _ second: [Report]) -> (first: [Report], second: [Report]) {
        (
            zip(first, kinds).filter { $0.1.contains(kind) }.map(\.0),
            zip(second, kinds[firstCount...]).filter { $0.1.contains(kind) }.map(\.0)
        )
    }

    /// Names the recordings that lack events of a kind that rows of the comparison have; nil if there is none.
    ///
    /// - Parameter isOfCounts: true if the recordings are snapshots of counts.
    func note(of rows: [ComparedRow], isOfCounts: Bool) -> String? {
        let shown = Set(rows.map(\.kind))
        let lacks = RowKind.allCases.filter(shown.contains).compactMap { kind -> String? in
            var lacking: [String] = []
            for (file, kinds) in zip(files, kinds) where !kinds.contains(kind) && !lacking.contains(file) {
                lacking.append(file)
            }
            if lacking.isEmpty { return nil }
            let names = lacking.count > 4 ? lacking.prefix(3) + ["\(lacking.count - 3) more"] : lacking[...]
            return "\(kind.rawValue) (\(names.joined(separator: ", ")))"
        }
        if lacks.isEmpty { return nil }
        let list = lacks.joined(separator: "; ")
        return isOfCounts
            ? "there is no count at all of \(list): rows of that kind on one side alone are not called new or gone"
            : "there is no event at all of \(list): it was not recorded, or none came, so rows of that kind on one side "
                + "alone are not called new or gone"
    }
}
