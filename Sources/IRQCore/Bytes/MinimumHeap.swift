/// A plain value that a `MinimumHeap` can put in order.
package protocol HeapElement: BitwiseCopyable {
    /// True if the value lies nearer to the top than `other`.
    func isBefore(_ other: Self) -> Bool
}

/// A binary heap of plain values with the first of them on top: the child of a value never comes before it.
///
/// Only `reserve` allocates. Whoever inserts has made room.
package struct MinimumHeap<Element: HeapElement>: ~Copyable {
    private var elements: GrowableBuffer<Element>

    /// Creates an empty heap with room for `capacity` values.
    package init(capacity: Int) { elements = GrowableBuffer(capacity: capacity) }

    /// The number of values.
    package var count: Int { elements.count }

    /// The value at a place: at 0 the first of all, behind it the others in no order that matters.
    package subscript(place: Int) -> Element { elements[place] }

    /// The value that would come first without the first one; nil if there is none.
    @inline(always)
    var second: Element? {
        if elements.count < 2 { return nil }
        return elements.count > 2 && elements[2].isBefore(elements[1]) ? elements[2] : elements[1]
    }

    /// Makes room for `additional` more values.
    package mutating func reserve(_ additional: Int) { elements.reserve(additional) }

    /// Forgets all values and keeps the memory.
    package mutating func removeAll() { elements.removeAll() }

    /// Adds a value; there must be room.
    package mutating func insert(_ element: Element) {
        elements.append(element)
        var child = elements.count &- 1
        while child > 0 {
            let parent = (child &- 1) / 2
            guard element.isBefore(elements[parent]) else { break }
            elements[child] = elements[parent]
            child = parent
        }
        elements[child] = element
    }

    /// Puts a value into the place of the first one, which must exist.
    @inline(always)
    package mutating func replaceFirst(with element: Element) {
        elements[0] = element
        sink(from: 0)
    }

    /// Takes out the first value, which must exist.
    package mutating func removeFirst() {
        let last = elements[elements.count &- 1]
        elements.removeLast()
        if elements.count > 0 { replaceFirst(with: last) }
    }

    /// Takes out all values that are unwanted.
    ///
    /// - Returns: true if there were any.
    package mutating func removeAll(where isUnwanted: (Element) -> Bool) -> Bool {
        let all = elements.count
        var kept = 0
        for index in 0..<all where !isUnwanted(elements[index]) {
            elements[kept] = elements[index]
            kept &+= 1
        }
        while elements.count > kept { elements.removeLast() }
        for parent in stride(from: kept / 2, to: 0, by: -1) { sink(from: parent &- 1) }
        return kept < all
    }

    /// Moves the value at a place down until none of its children comes before it.
    @inline(always)
    private mutating func sink(from place: Int) {
        let element = elements[place]
        var parent = place
        while true {
            var child = 2 &* parent &+ 1
            if child >= elements.count { break }
            if child &+ 1 < elements.count, elements[child &+ 1].isBefore(elements[child]) { child &+= 1 }
            guard elements[child].isBefore(element) else { break }
            elements[parent] = elements[child]
            parent = child
        }
        elements[parent] = element
    }
}
