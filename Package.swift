// swift-tools-version: 6.2
import PackageDescription

/// What every target of ours is built with: unsafe expressions must say `unsafe`, so that
/// `git grep -nw unsafe Sources` is the audit list; lifetimes let owners hand out spans.
let swiftSettings: [SwiftSetting] = [
    .strictMemorySafety(),
    .enableExperimentalFeature("Lifetimes"),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "irqscope",
    products: [.executable(name: "irqscope", targets: ["irqscope"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(
            name: "CTraceEvent", pkgConfig: "libtraceevent", providers: [.apt(["libtraceevent-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "IRQCore", swiftSettings: swiftSettings),
        .target(
            name: "TraceInput", dependencies: ["IRQCore", "CTraceEvent", "CZstd", "CZlib"],
            swiftSettings: swiftSettings),
        .target(name: "Rendering", dependencies: ["IRQCore"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "irqscope",
            dependencies: [
                "IRQCore", "TraceInput", "Rendering",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
        .testTarget(name: "IRQCoreTests", dependencies: ["IRQCore", "CTraceEvent"], swiftSettings: swiftSettings),
        .testTarget(
            name: "TraceInputTests", dependencies: ["TraceInput", "IRQCore"], swiftSettings: swiftSettings),
        .testTarget(name: "CommandTests", dependencies: ["irqscope", "Rendering", "IRQCore"], swiftSettings: swiftSettings),
    ]
)
