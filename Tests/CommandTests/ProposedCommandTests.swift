import Foundation
import TestSupport
import Testing

@testable import irqscope

/// Commands of irqscope that its own words propose: the parser knows each, with its options and their values.
@Suite struct ProposedCommandTests {
    // MARK: Where they stand

    /// The texts that are printed or read: strings of the sources, manual pages, and what users find elsewhere.
    private static func texts() throws -> [(place: String, text: String)] {
        var result: [(String, String)] = []
        for folder in ["Sources", "docs", "share", "man", "packaging"] {
            let root = Places.repository.appendingPathComponent(folder)
            for case let path as String in FileManager.default.enumerator(atPath: root.path) ?? .init() {
                let file = root.appendingPathComponent(path)
                let endings = ["swift", "md", "1", "in", "yml", "json", "service", "timer"]
                guard endings.contains(file.pathExtension), let text = try? String(contentsOf: file, encoding: .utf8) else {
                    continue
                }
                for line in text.components(separatedBy: "\n") {
                    switch file.pathExtension {
                    case "swift":
                        // Comments are for those who read the source.
                        guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { continue }
                        result.append((path, filled(line)))
                    case "1": result.append((path, ManPage.plain(line)))
                    default: result.append((path, line))
                    }
                }
            }
        }
        for line in try String(contentsOf: Places.repository.appendingPathComponent("README.md"), encoding: .utf8)
            .components(separatedBy: "\n")
        { result.append(("README.md", line)) }
        return result
    }

    /// A line of source with something in the place of what is filled in.
    private static func filled(_ line: String) -> String {
        var (result, rest) = ("", line[...])
        while let start = rest.range(of: "\\(") {
            result += rest[..<start.lowerBound]
            var (depth, end) = (1, start.upperBound)
            while depth > 0, end < rest.endIndex {
                if rest[end] == "(" { depth += 1 }
                if rest[end] == ")" { depth -= 1 }
                end = rest.index(after: end)
            }
            switch rest[start.upperBound..<end].dropLast() {
            case "words": result += "spread --device x"
            case "device": result += " --device x"
            default: result += "0"
            }
            rest = rest[end...]
        }
        return result + rest
    }

    // MARK: What they are

    /// The words behind each `irqscope` of a text, up to what ends a command: a pipe, a comment, a sentence's sign.
    private static func commands(in text: String) -> [[String]] {
        text.components(separatedBy: "irqscope ").dropFirst().compactMap { part in
            var words: [String] = []
            var (word, quote): (String, Character?) = ("", nil)
            var isEnd = false
            func flush() { if !word.isEmpty { words.append(word) }; word = "" }
            for character in part {
                if character == quote {
                    quote = nil
                } else if quote != nil {
                    word.append(character)
                } else if character == "'", word.isEmpty {
                    quote = character
                } else if character == " " {
                    if let last = word.last, ",;:.…".contains(last) {
                        word.removeLast()
                        isEnd = true
                    }
                    flush()
                } else if "|<>()[]{}`\"\\;#&".contains(character) {
                    isEnd = true
                } else {
                    word.append(character)
                }
                if isEnd { break }
            }
            if let last = word.last, ",;:.…'".contains(last) { word.removeLast() }
            flush()
            guard let first = words.first, ManPageTests.subcommands.contains(first) else { return nil }
            // Of a recording on standard output the parser asks whether a terminal is there.
            return words.indices.map { $0 > 0 && words[$0 - 1] == "-o" && words[$0] == "-" ? "x.dat" : words[$0] }
        }
    }

    /// The problem of a command with which words of a sentence may go on; nil if there is none.
    private static func problem(_ words: [String]) -> String? {
        // A name alone is a word about the command, which may need more to run.
        guard let last = words.lastIndex(where: { $0.hasPrefix("-") && $0 != "-" }) else { return nil }
        var problem: String?
        for count in last + 1...words.count {
            do {
                _ = try IRQScope.parse(Array(words.prefix(count)))
                return nil
            } catch {
                problem = IRQScope.message(for: error)
            }
        }
        // An option that a sentence names, or whose value is left out, ends it.
        return words.count == last + 1 && problem?.hasPrefix("Missing value for") == true ? nil : problem
    }

    // MARK: The tests

    @Test func whatTextsProposeIsKnown() throws {
        var count = 0
        for (place, text) in try Self.texts() {
            for command in Self.commands(in: text) {
                count += 1
                let problem = Self.problem(command)
                #expect(problem == nil, "\(place): irqscope \(command.joined(separator: " ")): \(problem ?? "")")
            }
        }
        #expect(count > 200, "the commands are not found any more")
    }

    /// What checks print whole is a command as a whole.
    @Test(arguments: DoctorCommandTests.boxes + ["all"]) func whatChecksProposeRuns(box: String) throws {
        let words = box == "all" ? ["--explain", "all"] : ["--root", Places.fixtures.appendingPathComponent("doctor/\(box)").path]
        let result = try run(Places.command.path, ["doctor", "-J"] + words)
        let object = try #require(try JSONSerialization.jsonObject(with: result.output) as? [String: Any])
        for text in Self.strings(object) {
            for command in Self.commands(in: text) {
                let problem = Self.problem(command)
                #expect(problem == nil, "irqscope \(command.joined(separator: " ")): \(problem ?? "")")
            }
        }
        for finding in object["findings"] as? [[String: Any]] ?? [] {
            for text in (finding["next"] as? [String] ?? []) + [finding["undo"] as? String ?? ""] {
                guard text.hasPrefix("irqscope ") else { continue }
                for command in Self.commands(in: text) { #expect(throws: Never.self) { _ = try IRQScope.parse(command) } }
            }
        }
    }

    private static func strings(_ value: Any) -> [String] {
        if let text = value as? String { return [text] }
        if let list = value as? [Any] { return list.flatMap(strings) }
        return (value as? [String: Any])?.values.flatMap(strings) ?? []
    }

    /// The test itself sees what is wrong.
    @Test func whatIsUnknownIsSeen() {
        func problems(_ text: String) -> Int { Self.commands(in: text).compactMap(Self.problem).count }
        #expect(problems("irqscope record --events block tells who makes the requests") == 1)
        #expect(problems("see irqscope record --events irq tells, or `irqscope top --nonsense`") == 1)
        #expect(problems("irqscope record --deep --duration 5s -o - | irqscope report --deep") == 0)
    }
}
