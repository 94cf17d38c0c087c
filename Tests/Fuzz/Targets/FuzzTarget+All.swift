import TestSupport

extension FuzzTarget {
    /// The targets: the only list of them.
    public static let all = [
        // Recordings, and what is in them.
        FuzzTarget("container", limit: 65_536, readContainer),
        FuzzTarget("perfdata", limit: 65_536, readPerfData),
        FuzzTarget("perfetto", limit: 8_192, readPerfetto),
        FuzzTarget("text", limit: 8_192, readText),
        FuzzTarget("pages", limit: 9_000, decodePages),
        FuzzTarget("formats", limit: 4_096, readFormats),
        FuzzTarget("deep", limit: 8_192, analyzeDeepBytes),
        FuzzTarget("attachment", limit: 8_192, readAttachment),
        FuzzTarget("symbols", limit: 4_096, readSymbols),
        // What is made of recordings.
        FuzzTarget("timeline", limit: 2_048, writeTimeline),
        FuzzTarget("spans", limit: 2_048, mergePiles),
        FuzzTarget("gzip", limit: 16_384, packBytes),
        // Boxes.
        FuzzTarget("proctext", limit: 4_096, readProcText),
        FuzzTarget("tasks", limit: 1_024, readTask),
        FuzzTarget("counts", limit: 8_192, readSavedCounts),
        FuzzTarget("lists", limit: 8_192, readLists),
        FuzzTarget("box", limit: 4_096, examineBox),
        FuzzTarget("archive", limit: 16_384, readArchive),
        FuzzTarget("netlink", limit: 1_024, readNetlink),
        // Files that are kept, and what users write.
        FuzzTarget("alert", limit: 4_096, readAlertFiles),
        FuzzTarget("state", limit: 4_096, readStateFiles),
        FuzzTarget("options", limit: 256, readOptionValue),
        // Things that happen one after the other.
        FuzzTarget("minutes", limit: 160, judgeMinutes),
        FuzzTarget("masks", limit: 64, changeMasks),
        FuzzTarget("keys", limit: 96, pressKeys),
    ]
}
