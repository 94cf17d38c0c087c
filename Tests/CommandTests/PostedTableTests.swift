import Foundation
import TestSupport
import Testing

/// Tables as people post and keep them: without their first line, in a terminal's text, one behind the other.
@Suite struct PostedTableTests {
    private static let rows = """
         36:   24483704        0 PCI-MSIX-0000:00:02.0   1-edge      eth0-TxRx-0
         37:   13655217   145040 PCI-MSIX-0000:00:02.0   2-edge      eth0-TxRx-1
        LOC:         12       30   Local timer interrupts

        """
    private static let header = "           CPU0       CPU1\n"

    private static func list(_ text: String) throws -> (total: Int, rows: Int, messages: String) {
        try withFolder { folder in
            let path = folder + "/interrupts"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            let result = try irqscope("list", "--json", "--proc-root", folder)
            let rows = try #require(Oracle.json(result.output)["interrupts"] as? [Oracle.Object], "\(result.errors)")
            let messages = result.errors.split(separator: "\n").filter { !$0.contains("/softirqs: ") }
            return (rows.compactMap { $0["total"] as? Int }.reduce(0, +), rows.count, messages.joined(separator: "\n"))
        }
    }

    @Test(arguments: ["", header]) func markOfTheByteOrderIsNoText(header: String) throws {
        let (plain, marked) = (try Self.list(header + Self.rows), try Self.list("\u{FEFF}" + header + Self.rows))
        #expect(plain.total == 38_284_003 && plain.rows == 3)
        #expect(marked.total == plain.total && marked.rows == 3)
        #expect(marked.messages.contains("nobody knows") == header.isEmpty)
    }

    @Test func firstLineThatIsNotWholeIsTold() throws {
        let found = try Self.list(String(Self.rows.dropFirst(20)))
        #expect(found.total == 13_800_299)
        #expect(found.messages.contains("1 line before the first whole row is left out"), "\(found.messages)")
    }

    @Test func endOfRowsWithoutAHeaderIsTold() throws {
        let found = try Self.list(String(Self.rows.dropLast(35)))
        #expect(found.total == 38_283_961 && found.messages.contains("the text ends within a row"), "\(found.messages)")
    }

    @Test(arguments: ["", "root@box:~# cat /proc/interrupts\n"]) func secondTableIsNotCounted(between: String) throws {
        let found = try Self.list(Self.header + Self.rows + between + Self.header + Self.rows)
        #expect(found.total == 38_284_003 && found.rows == 3)
        #expect(found.messages.contains("another table begins here, of which nothing is read"), "\(found.messages)")
        #expect(found.messages.contains("save each in a file of its own"))
    }

    /// Only rows such as FIQ have no counts.
    @Test(arguments: [
        "root@box:~# uname -a\n", "Linux pi 4.1 #1 SMP Mon Nov 2 12:13:14 2015 armv6l\n", "Thanks for any help: Bob\n",
    ])
    func textIsNoRow(text: String) throws {
        let found = try Self.list(Self.header + Self.rows + "FIQ:              usb_fiq\n" + text)
        #expect(found.total == 38_284_003 && found.rows == 4)
        #expect(found.messages.contains("line 6: this is no row of a table of counts: 1 row is left out"), "\(found.messages)")
    }

    // MARK: diff

    private static func diff(_ text: String) throws -> ProcessResult {
        try withFolder { folder in
            let path = folder + "/saved"
            try Data(text.utf8).write(to: URL(fileURLWithPath: path))
            return try irqscope("diff", "--json", path, path)
        }
    }

    @Test(arguments: ["\tCPU0\tCPU1\n", "\u{FEFF}" + header, "$ cat /proc/interrupts\n" + header, header, ""])
    func diffTakesThem(head: String) throws {
        let result = try Self.diff(head + Self.rows)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("eth0-TxRx-1"))
    }

    @Test func diffKnowsSoftirqs() throws {
        let result = try Self.diff("        CPU0       CPU1\n  HI:      1          2\n  TIMER:   300          4\n")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.text.contains("\"kind\":\"softirq\"") && !result.text.contains("\"kind\":\"irq\""), "\(result.text)")
    }

    @Test func diffTakesNoTraceForATable() throws {
        let result = try Self.diff("CPU:2 [LOST 37 EVENTS]\n  <idle>-0  [002] d.h1  1.5: irq_handler_entry: irq=3 name=x\n")
        #expect(!result.text.contains("counts"), "\(result.text)")
    }

    /// The end of another table in front, as of two that were printed one behind the other.
    @Test func rowsInFrontOfTheHeaderAreTold() throws {
        let found = try Self.list("$ cat /proc/interrupts\n" + Self.rows + "\n" + Self.header + Self.rows)
        #expect(found.total == 38_284_003 && found.rows == 3)
        #expect(found.messages.contains("line 2: a row before the line that names the CPUs"), "\(found.messages)")
        #expect(found.messages.contains("3 rows are left out"), "\(found.messages)")
        // A prompt, a date and an uptime are no rows.
        let quiet = try Self.list("$ date; uptime\n2026-11-27\n 07:35:01 up 10:36,  0 user\n" + Self.header + Self.rows)
        #expect(quiet.rows == 3 && quiet.messages.isEmpty, "\(quiet.messages)")
    }

    /// A copy may be called as one likes: what to read again is the kernel's file.
    @Test func proposesTheKernelsFileAndNotTheCopys() throws {
        try withFolder { folder in
            for (name, file) in [("case7.txt", "interrupts"), ("case7-softirqs.txt", "softirqs")] {
                let path = folder + "/" + name
                try Data(Self.header.utf8).write(to: URL(fileURLWithPath: path))
                let errors = try irqscope("diff", path, path).errors
                #expect(errors.contains("(cat /proc/\(file) > copy)"), "\(errors)")
            }
        }
    }
}
