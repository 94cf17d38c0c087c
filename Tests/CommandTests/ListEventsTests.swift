import Foundation
import IRQCore
import TestSupport
import Testing

/// `record --list-events` and the completion of `--events` say what the catalogue says.
@Suite struct ListEventsTests {
    struct List: Decodable {
        struct Group: Decodable {
            let group: String
            let purpose: String
            let is_default: Bool
            let is_deep: Bool
            let events: [Event]
        }
        struct Event: Decodable {
            let event: String
            let purpose: String
            let report: String?
            let fields: [Field]
            let found: [String]?
        }
        struct Field: Decodable, Equatable {
            let field: String
            let role: String
        }
        let groups: [Group]
        let schema: String
    }

    static func list(_ arguments: String...) throws -> (List, errors: String) {
        let result = try run(Places.command.path, ["record", "--list-events", "--json"] + arguments)
        #expect(result.status == 0)
        return (try JSONDecoder().decode(List.self, from: result.output), result.errors)
    }

    @Test func allOfTheCatalogueIsListed() throws {
        let (list, errors) = try Self.list("--tracing-root", "/nonesuch")
        #expect(errors.contains("what this kernel has is unknown: /nonesuch: there is no such directory"))
        #expect(list.schema == "irqscope.events.v1")
        #expect(list.groups.map(\.group) == EventGroup.allCases.map(\.rawValue))
        #expect(list.groups.map(\.purpose) == EventGroup.allCases.map(\.purpose))
        #expect(Set(list.groups.filter(\.is_default).map(\.group)) == Set(EventGroup.standard.map(\.rawValue)))
        #expect(Set(list.groups.filter { !$0.is_deep }.map(\.group)) == ["exceptions"])
        let events = list.groups.flatMap(\.events)
        #expect(events.allSatisfy { !$0.purpose.isEmpty })
        #expect(events.map(\.event) == EventCatalogue.events.map(\.fullName))
        #expect(events.allSatisfy { $0.found == nil })
        for (event, known) in zip(events, EventCatalogue.events) {
            #expect(event.fields.map(\.field) == known.numbers + [known.text, known.secondText].compactMap { $0 }, "\(event.event)")
            #expect(event.report == known.kind.map { $0.rows.map { "\($0.traits.json.rows)" } ?? "deep" })
        }
        let exit = try #require(events.first { $0.event == "irq:irq_handler_exit" })
        #expect(exit.fields == [.init(field: "irq", role: "interrupt"), .init(field: "ret", role: "result")])
        #expect(exit.report == "irqs")
    }

    @Test func textHasALineForEachEvent() throws {
        let result = try run(Places.command.path, ["record", "--list-events", "--tracing-root", "/nonesuch"])
        for event in EventCatalogue.events {
            let line = result.text.split(separator: "\n").first { $0.contains(" \(event.fullName) ") }
            #expect(
                line?.contains(event.kind.map { $0.rows?.traits.title ?? "Deep analysis" } ?? "counted only") == true
                    && line?.hasSuffix(" -") == true)
        }
        for group in EventGroup.allCases { #expect(result.text.contains(group.purpose)) }
        for event in EventCatalogue.events { #expect(result.text.contains(event.purpose)) }
    }

    @Test(.enabled(if: Tracefs.isUsable, Comment(rawValue: Tracefs.reason))) func kernelsEventsAreFound() throws {
        let (list, errors) = try Self.list("--events", "sched,irq_vectors")
        #expect(errors.isEmpty)
        #expect(list.groups.map(\.group) == ["irq", "irq_vectors", "sched"], "irq is always recorded")
        let known = try shell("cat \(try #require(Tracefs.root))/available_events").text.split(separator: "\n").map { String($0) }
        for event in list.groups.flatMap(\.events) {
            let ending = event.event.split(separator: "*", omittingEmptySubsequences: false)
            let wanted = known.filter {
                ending.count == 1 ? $0 == event.event : $0.hasPrefix(ending[0]) && $0.hasSuffix(ending[1])
            }
            #expect(try #require(event.found) == wanted.sorted())
            #expect(!event.event.hasPrefix("irq:") || !wanted.isEmpty)
        }
    }

    /// What `--deep` and `--threads` add is in the list.
    @Test(
        arguments: [
            (["--deep"], Set(EventGroup.deep.map(\.rawValue))),
            (["--deep", "--events", "exceptions"], Set(EventGroup.allCases.map(\.rawValue))),
            (["--threads", "rt"], ["irq", "softirq", "sched"]),
        ] as [([String], Set<String>)]) func deepGroupsAreListed(words: [String], groups: Set<String>) throws
    {
        let result = try run(Places.command.path, ["record", "--list-events", "--json", "--tracing-root", "/nonesuch"] + words)
        let list = try JSONDecoder().decode(List.self, from: result.output)
        #expect(Set(list.groups.map(\.group)) == groups)
    }

    @Test func jsonIsForTheListOnly() throws {
        let result = try irqscope("record", "--json")
        #expect(result.status == 64 && result.errors.contains("--list-events"))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func groupsAreCompleted(shell: String) throws {
        // The script asks the command, for a list may go on behind a comma.
        #expect(try irqscope("--generate-completion-script", shell).text.contains("---completion record -- --events"))
        let words = ["---completion", "record", "--", "--events", "3", "0", "irqscope", "record", "--events", ""]
        let offered = try run(Places.command.path, words, environment: ["SAP_SHELL": shell, "SAP_SHELL_VERSION": "5.0"]).text
        let lines = offered.split(whereSeparator: \.isWhitespace).map { String($0) }
        #expect(lines.sorted() == EventGroup.allCases.map(\.rawValue).sorted(), "\(shell)")
    }
}
