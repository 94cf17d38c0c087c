/// The name that all queues of a device have in common: `eth0-TxRx-3` is one of `eth0-TxRx-*`.
///
/// It goes by the name and its device alone, never by which other names there are: so it stays as it is when queues come
/// and go, and is the same on all boxes.
public enum ActionGroup {
    /// The group of a handler's name; the name itself where it is no queue's.
    ///
    /// - Parameters:
    ///   - action: the handler's name. Untrusted text.
    ///   - device: the device behind the line; nil if unknown.
    public static func name(of action: String, device: Device? = nil) -> String {
        guard action.utf8.count <= QueueName.nameByteCount else { return action }
        if let guest = guestLine(action) { return guest }
        let interfaces = device?.kind == "net" ? [device?.name].compactMap(\.self) : []
        if QueueName(action, interfaces: interfaces) == nil {
            guard isNumberedLine(action, of: device), !QueueName.isAdmin(action) else { return action }
        }
        return folded(action)
    }

    /// The name with `*` in place of the number that ends it, or that stands before what names the function or the direction:
    /// `mlx5_comp3@pci:0000:3b:00.0`, `eth0-q3-rx`.
    private static func folded(_ action: String) -> String {
        let bytes = Array(action.utf8)
        var end = bytes.firstIndex(of: UInt8(ascii: "@")) ?? bytes.count
        if end > 3, [Array("-rx".utf8), Array("-tx".utf8)].contains(Array(bytes[(end - 3)..<end])) { end -= 3 }
        var start = end
        while start > 0, isDigit(bytes[start - 1]) { start -= 1 }
        if start == end { return action }
        return String(decoding: bytes[..<start] + [UInt8(ascii: "*")] + bytes[end...], as: UTF8.self)
    }

    /// `vfio-msix[3](0000:3b:00.0)`: a line that a guest has.
    private static func guestLine(_ action: String) -> String? {
        guard action.hasPrefix("vfio-msi"), let open = action.firstIndex(of: "["),
            let close = action[open...].firstIndex(of: "]")
        else { return nil }
        let number = action[action.index(after: open)..<close].utf8
        guard !number.isEmpty, number.allSatisfy(isDigit) else { return nil }
        return action[...open] + "*" + action[close...]
    }

    /// True for names of network and storage drivers that `QueueName` does not know and that end in a number behind a mark:
    /// `ens1f0-3`, `lpfc0:3`. That of a PCI function, `0000:00:1f.2`, has another mark.
    private static func isNumberedLine(_ action: String, of device: Device?) -> Bool {
        let digits = action.utf8.reversed().prefix(while: isDigit).count
        let head = action.utf8.dropLast(digits)
        guard (1...4).contains(digits), let mark = head.last, "-_:".utf8.contains(mark), head.count > 2 else {
            return false
        }
        switch DeviceRole(devices: [device].compactMap(\.self), actions: [action]) {
        case .network, .storage: return true
        case .firmware, .unseen, .other: return false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
