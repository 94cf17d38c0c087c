// The numbers of the fields that are written, from Perfetto's published protos/perfetto/trace/*.proto, named as there.

enum TraceField {
    static let packet = 1
}

enum PacketField {
    static let clockSnapshot = 6
    static let timestamp = 8
    static let sequence = 10
    static let trackEvent = 11
    static let internedData = 12
    static let sequenceFlags = 13
    static let systemInfo = 45
    static let timestampClock = 58
    static let defaults = 59
    static let trackDescriptor = 60
    static let isFirstOnSequence = 87
}

enum EventField {
    static let type = 9
    static let nameID = 10
    static let track = 11
    static let counterValue = 30
    // flow_ids and terminating_flow_ids (47, 48) take eight bytes a number; Perfetto reads these as well (deprecated since 2022).
    static let flows = 36
    static let endingFlows = 42
}

enum EventType {
    static let sliceBegin: UInt64 = 1
    static let sliceEnd: UInt64 = 2
    static let counter: UInt64 = 4
}

enum DescriptorField {
    static let id = 1
    static let name = 2
    static let parent = 5
    static let counter = 8
    static let ordering = 11
    static let rank = 12
}

enum ClockField {
    static let clocks = 1
    static let primary = 2
    static let id = 1
    static let time = 2
    static let isIncremental = 3
    static let unit = 4
}
