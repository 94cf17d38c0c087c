import Foundation

/// Lines of `irqscope top --json`.
public enum TopLines {
    public typealias Object = [String: Any]

    public static func object(_ line: String?) throws -> Object {
        guard let line else { throw TestTerminal.Timeout(description: "no line came") }
        guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Object else {
            throw TestTerminal.Timeout(description: "no object: \(line)")
        }
        return object
    }

    public static func row(_ object: Object, _ label: String) -> Object? {
        (object["interrupts"] as? [Object])?.first { $0["label"] as? String == label }
    }

    public static func labels(_ object: Object) -> [String] {
        ((object["interrupts"] as? [Object]) ?? []).compactMap { $0["label"] as? String }
    }

    public static func numbers(_ value: Any?) -> [Double?] { (value as? [Any] ?? []).map { ($0 as? NSNumber)?.doubleValue } }

    /// Reads lines until one is as wanted: an interval may fall between two changes of the test.
    public static func next(
        _ process: RunningProcess, _ what: String, meanwhile: () throws -> Void = {}, _ isWanted: (Object) -> Bool
    ) throws -> Object {
        for _ in 0..<60 {
            try meanwhile()
            let object = try object(process.line())
            if isWanted(object) { return object }
        }
        throw TestTerminal.Timeout(description: "no interval with \(what)")
    }
}
