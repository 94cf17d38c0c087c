/// A page that loads nothing: one file for a ticket, a colleague, a printer.
///
/// Its policy forbids a browser whatever would ask for another file, should one ever get in.
struct PageDocument {
    /// The bytes that every page of ours begins with.
    static let magic = "<!DOCTYPE html>\n<!-- made by irqscope -->\n"
    private static let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

    /// The title. It may be untrusted text.
    let title: String
    /// The rules of style that this page alone needs.
    var style = ""

    /// Writes all that comes before the first heading.
    func begin(to output: inout ByteOutput) {
        output.put(Self.magic)
        output.put(
            """
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(PageText.escaped(title))</title>
            <style>

            """)
        output.put(PageStyle.sheet)
        output.put(style)
        output.put("</style></head>\n<body>\n")
    }

    /// Writes all that comes after the last section.
    ///
    /// - Parameter hasScript: whether there is anything to sort, filter or point at.
    func end(hasScript: Bool, to output: inout ByteOutput) {
        if hasScript {
            output.put("<script>\n")
            output.put(PageScript.text)
            output.put("</script>\n")
        }
        output.put("</body></html>\n")
    }
}
