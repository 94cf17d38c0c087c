import TestSupport
import Testing

extension Tracefs {
    /// Settings of the top directory that a tracer of its own must leave alone.
    static func topSettings() throws -> [String: String] {
        try settings("").filter { ["events/enable", "set_event", "tracing_on", "events/irq/enable"].contains($0.key) }
    }
}
