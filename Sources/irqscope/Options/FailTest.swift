internal import ArgumentParser
internal import IRQCore

/// A test of `report --fail-if`.
enum FailTest {
    /// A condition on the rows.
    case condition(FailCondition)
    /// True if a row exceeds its budget.
    case budget

    @Sendable init(_ text: String) throws {
        if text == "budget" {
            self = .budget
            return
        }
        let condition: FailCondition
        do {
            condition = try FailCondition(text)
        } catch {
            throw ValidationError(error.message)
        }
        guard condition.isMeasurable else {
            throw ValidationError("with cpu=N only calls, total, max, mean and share are known")
        }
        self = .condition(condition)
    }

    var isBudget: Bool { if case .budget = self { true } else { false } }
}
