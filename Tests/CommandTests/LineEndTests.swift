import Foundation
import TestSupport
import Testing

/// All CSV ends its lines as text does: awk takes a carriage return for a part of the last column.
@Suite struct LineEndTests {
    @Test(arguments: [
        "report --csv @", "report --csv --slow 3 --section rows,per_cpu,slowest,events @", "report --csv @ @@", "diff --csv @ @@",
        "export --format csv @", "export --format csv @ @@", "list --csv", "top -b --csv -n 1 -d 0.1",
    ]) func noCarriageReturn(words: String) throws {
        let (one, other) = (Places.recording("amd64-v7"), Places.recording("amd64-rt-v7"))
        let command = words.replacingOccurrences(of: "@@", with: "'\(other)'").replacingOccurrences(of: "@", with: "'\(one)'")
        // What awk makes of the last column of all lines, all titles among them.
        let result = try shell("'\(Places.command.path)' \(command) | awk -F, 'NF { print $NF }'")
        #expect(result.errors.isEmpty && !result.text.isEmpty && !result.text.contains("\r"), "\(result.text.prefix(200))")
        #expect(result.text.utf8.contains(UInt8(ascii: "\n")))
    }
}
