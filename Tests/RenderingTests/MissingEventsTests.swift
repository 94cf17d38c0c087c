import Rendering
import Testing

/// What is said of events that a kernel does not have.
@Suite struct MissingEventsTests {
    @Test func eachIsNamed() {
        #expect(MissingEvents.sentences([], isDeep: true) == [])
        #expect(
            MissingEvents.sentences(["a:b", "c:*"], isDeep: false) == [
                "this kernel has no event a:b; the others are recorded", "this kernel has no event c:*; the others are recorded",
            ])
        #expect(MissingEvents.sentences(["a:b"], isDeep: true) == ["this kernel has no event a:b; the others are recorded"])
        #expect(MissingEvents.sentences(["a:b", "c:*"], isDeep: true) == ["this kernel has none of a:b, c:*; the others are recorded"])
    }

    /// Without switches there is little to follow: that is said first.
    @Test func switchesAreMissedMost() throws {
        let sentences = MissingEvents.sentences(["csd:csd_queue_cpu", "sched:sched_switch", "irq_vectors:*"], isDeep: true)
        #expect(sentences.count == 2)
        #expect(
            sentences[0].contains("sched:sched_switch") && sentences[0].hasSuffix(" interrupts to tasks without it"))
        #expect(sentences[1] == "this kernel has none of csd:csd_queue_cpu, irq_vectors:*; the others are recorded")
        #expect(MissingEvents.sentences(["sched:sched_switch"], isDeep: false).count == 1)
    }
}
