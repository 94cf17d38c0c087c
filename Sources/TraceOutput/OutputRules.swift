internal import FilePlaces
internal import Glibc

/// The rules for what may be where a recording is to go.
enum OutputRules {
    /// Throws if a recording may not replace or be written to what is there.
    ///
    /// A file that somebody else made in a directory that others may write would hand them what is in the recording.
    static func check(
        _ existing: FileStatus, in place: FilePlace, isPrivate: Bool
    ) throws(FilePlaceError) {
        switch existing.kind {
        case .folder: throw FilePlaceError(EISDIR)
        case .disk, .socket, .link:
            throw FilePlaceError("this is \(existing.kind.words), and no recording is written to such")
        case .regular, .pipe, .characterDevice: break
        }
        let isForeign = existing.owner != geteuid() && existing.owner != 0
        guard place.isTrusted(existing), !(isPrivate && isForeign && !place.isOnlyOurs) else {
            throw FilePlace.distrust(existing)
        }
        guard existing.kind == .regular else { return }
        if unsafe faccessat(place.folder, place.name, W_OK, AT_EACCESS) != 0 { throw FilePlaceError(errno) }
    }

    /// Gives the new file to the user and the group of the one that it replaces; false if it cannot be the user's.
    ///
    /// A group that cannot be kept is one that this user is not in: what the mode gives to it goes to this user's.
    static func giveOwner(of existing: FileStatus, to descriptor: Int32) -> Bool {
        guard let own = FileStatus(descriptor: descriptor) else { return false }
        if own.group != existing.group { _ = fchown(descriptor, .max, existing.group) }
        return own.owner == existing.owner || fchown(descriptor, existing.owner, .max) == 0
    }
}
