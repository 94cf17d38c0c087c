/// The handlers whose times are added up on all boxes: what they are, and never which interrupt they have on one of them.
public struct HandlerGroup: Hashable, Comparable, Sendable {
    /// The name of the handlers, queues without their numbers.
    public var action: String
    /// The kind of device, of `DeviceWord`.
    public var kind: String
    /// The driver; empty if it is unknown.
    public var driver: String
    /// The buffer that they were recorded in; empty for the top-level one, and live.
    public var buffer = ""

    /// The group of all that has none of its own.
    public static let other = HandlerGroup(action: "other", kind: "other", driver: "other")

    /// Creates a group; see the properties.
    public init(action: String, kind: String, driver: String, buffer: String = "") {
        (self.action, self.kind, self.driver, self.buffer) = (action, kind, driver, buffer)
    }

    /// The group of a row of a report.
    public init(_ row: ReportRow) {
        let device = row.line?.device
        self.init(
            action: ActionGroup.name(of: row.name, device: device), kind: DeviceWord.name(of: device, action: row.name),
            driver: device?.driver ?? "", buffer: row.buffer)
    }

    /// By buffer, name, kind and driver.
    public static func < (first: Self, second: Self) -> Bool {
        (first.buffer, first.action, first.kind, first.driver)
            < (second.buffer, second.action, second.kind, second.driver)
    }
}

/// The word for a kind of device: few, so that a fleet of different boxes adds up by them.
public enum DeviceWord {
    /// The word for the device behind a handler.
    ///
    /// - Parameters:
    ///   - device: the device; nil if unknown, where the handler's name has to tell.
    ///   - action: the handler's name.
    public static func name(of device: Device?, action: String) -> String {
        switch DeviceRole(devices: [device].compactMap(\.self), actions: [action]) {
        case .network: return "network"
        case .storage: return "storage"
        case .firmware: return "firmware"
        case .unseen, .other: break
        }
        if let word = device?.kind.flatMap({ words[$0] }) { return word }
        return isUSB(action, device) ? "usb" : "other"
    }

    /// By the directory of a class in /sys.
    private static let words = [
        "usb": "usb", "can": "can", "infiniband": "rdma", "drm": "graphics", "graphics": "graphics", "sound": "sound",
        "video4linux": "video", "tty": "serial", "ptp": "clock", "rtc": "clock", "input": "input",
    ]

    private static func isUSB(_ action: String, _ device: Device?) -> Bool {
        let names = [action, device?.driver ?? ""]
        return names.contains { name in
            ["xhci", "ehci", "ohci", "uhci", "dwc3", "musb"].contains { name.hasPrefix($0) }
        }
    }
}
