internal import CLzma
internal import CZlib
internal import CZstd

/// The versions of the libraries that unpack recordings.
public enum DecompressorVersions {
    /// Each with its name, such as "zstd 1.5.4".
    public static var all: [String] {
        unsafe [
            "zstd \(String(cString: ZSTD_versionString()))", "zlib \(String(cString: zlibVersion()))",
            "liblzma \(String(cString: lzma_version_string()))",
        ]
    }
}
