/// Searches in lines of the kernel's log. A log has megabytes, and a dozen checks look through it: bytes are compared, not letters.
extension String {
    /// True if it holds a text.
    func has(_ words: String) -> Bool { end(of: words) != nil }

    /// The place behind the first occurrence of a text, in bytes; nil if there is none.
    func end(of words: String) -> Int? {
        let (text, words) = (utf8.span, words.utf8.span)
        guard words.count > 0, text.count >= words.count else { return nil }
        let first = words[0]
        for start in 0...(text.count - words.count) where text[start] == first {
            var length = 1
            while length < words.count, text[start + length] == words[length] { length += 1 }
            if length == words.count { return start + length }
        }
        return nil
    }

    /// The number right behind a text; nil if there is none.
    func number(after words: String) -> Int? {
        guard let end = end(of: words) else { return nil }
        let rest = utf8.dropFirst(end).prefix { (0x30...0x39).contains($0) }
        return Int(Substring(rest))
    }

    /// The text between two others; nil if they are not there.
    func text(after start: String, before end: String) -> String? {
        guard let from = self.end(of: start) else { return nil }
        let rest = String(Substring(utf8.dropFirst(from)))
        guard let to = rest.end(of: end) else { return nil }
        return String(Substring(rest.utf8.prefix(to - end.utf8.count)))
    }
}

extension Examination {
    /// The kernel's log of this boot.
    ///
    /// - Throws: the reason why it cannot be read.
    func requireLog() throws(Unjudged) -> [LogLine] {
        if let log { return log }
        throw Unjudged("the kernel's log \(files.read("dmesg").problem ?? "could not be read")")
    }
}
