/// The place of tracefs as an option names it.
public enum TracingPlace {
    /// The reason why no tracefs is there, for commands that do without; nil if one is.
    ///
    /// Whether it can be used is known only when that is tried.
    public static func problem(_ root: String) -> TraceError? {
        do throws(TraceError) {
            _ = try TracingRoot.find(root, mounts: false)
            return nil
        } catch {
            return error.reason == .absent || error.reason == .notTracefs ? error : nil
        }
    }
}
