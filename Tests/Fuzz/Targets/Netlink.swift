@testable import KernelSource

/// Any bytes as the attributes of an answer over netlink, and those in them.
func readNetlink(_ span: RawSpan) {
    let bytes = span.array
    let attributes = NetlinkBytes.attributes(bytes[...])
    for (type, content) in attributes {
        precondition(content.count <= bytes.count)
        _ = (NetlinkBytes.number16(content, at: 0), NetlinkBytes.number32(content, at: 4), NetlinkBytes.attributes(content))
        // What is written is read as it was.
        if content.count < 65_000 {
            let again = NetlinkBytes.attributes(NetlinkBytes.attribute(type, Array(content))[...])
            precondition(again[type].map(Array.init) == Array(content))
        }
    }
}
