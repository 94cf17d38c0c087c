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

/// Tests may use what is handy: they read no untrusted bytes in production.
let testSettings: [SwiftSetting] = [.enableExperimentalFeature("Lifetimes"), .enableUpcomingFeature("ExistentialAny")]

/// What the Makefile knows of this build, for `irqscope --version`; `swift build` alone knows nothing.
let buildFacts = ["IRQSCOPE_COMMIT", "IRQSCOPE_LIBRARIES"].compactMap { name in
    Context.environment[name].map { CSetting.define(name, to: "\"\($0)\"") }
}

let package = Package(
    name: "irqscope",
    products: [.executable(name: "irqscope", targets: ["irqscope"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
    ],
    targets: [
        .systemLibrary(
            name: "CTraceEvent", pkgConfig: "libtraceevent", providers: [.apt(["libtraceevent-dev"])]),
        .systemLibrary(name: "CTraceFS", pkgConfig: "libtracefs", providers: [.apt(["libtracefs-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLzma", pkgConfig: "liblzma", providers: [.apt(["liblzma-dev"])]),
        // Not by pkg-config: its flags for ncurses are feature macros, which SwiftPM refuses with a warning.
        .systemLibrary(name: "CNcurses", providers: [.apt(["libncurses-dev"])]),
        .systemLibrary(name: "CLinux"),
        .target(name: "CBuild", cSettings: buildFacts),
        .target(name: "IRQCore", swiftSettings: swiftSettings),
        .target(name: "TraceFormats", dependencies: ["IRQCore", "CTraceEvent"], swiftSettings: swiftSettings),
        .target(
            name: "TraceInput", dependencies: ["IRQCore", "TraceFormats", "CZstd", "CZlib", "CLzma"],
            swiftSettings: swiftSettings),
        .target(name: "FilePlaces", dependencies: ["IRQCore", "CLinux"], swiftSettings: swiftSettings),
        .target(
            name: "TraceOutput", dependencies: ["IRQCore", "FilePlaces", "CZstd", "CZlib", "CLinux"],
            swiftSettings: swiftSettings),
        .target(
            name: "KernelSource", dependencies: ["IRQCore", "TraceFormats", "CTraceFS", "CLinux"],
            swiftSettings: swiftSettings),
        .target(name: "Comparing", dependencies: ["IRQCore"], swiftSettings: swiftSettings),
        .target(name: "Rendering", dependencies: ["IRQCore"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "irqscope",
            dependencies: [
                "IRQCore", "Comparing", "FilePlaces", "TraceInput", "TraceOutput", "KernelSource", "Rendering",
                "CNcurses", "CBuild",
                "CLinux",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings),
        .target(
            name: "TestSupport", dependencies: ["IRQCore", "CZlib", "CZstd"], path: "Tests/TestSupport",
            swiftSettings: testSettings),
        // Boxes and days that are simulated: `make scale` runs them long, tests for seconds.
        .target(
            name: "ScaleModel", dependencies: ["IRQCore", "Rendering", "TestSupport"], path: "Tests/scale/Model",
            swiftSettings: testSettings),
        // A process that holds a tracing instance, for tests that end it in bad ways.
        .executableTarget(
            name: "TraceHolder", dependencies: ["KernelSource", "IRQCore"], path: "Tests/TraceHolder",
            swiftSettings: testSettings),
        .testTarget(
            name: "IRQCoreTests", dependencies: ["IRQCore", "CTraceEvent", "TestSupport", "ScaleModel"],
            swiftSettings: testSettings),
        .testTarget(name: "ComparingTests", dependencies: ["Comparing", "TestSupport"], swiftSettings: testSettings),
        .testTarget(name: "FilePlacesTests", dependencies: ["FilePlaces", "TestSupport"], swiftSettings: testSettings),
        .testTarget(
            name: "TraceInputTests", dependencies: ["TraceInput", "IRQCore", "CTraceEvent", "TestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "TraceOutputTests",
            dependencies: ["irqscope", "TraceOutput", "TraceInput", "IRQCore", "CZstd", "TestSupport"],
            swiftSettings: testSettings),
        .testTarget(
            name: "KernelSourceTests", dependencies: ["KernelSource", "IRQCore", "TestSupport", "TraceHolder"],
            swiftSettings: testSettings),
        .testTarget(
            name: "RenderingTests",
            dependencies: ["Rendering", "TraceFormats", "IRQCore", "TestSupport", "ScaleModel"],
            swiftSettings: testSettings),
        // What measures or changes this machine: `make test` runs these alone, one after the other.
        .testTarget(
            name: "LiveTests",
            dependencies: ["irqscope", "KernelSource", "Rendering", "IRQCore", "TestSupport", "TraceHolder"],
            swiftSettings: testSettings),
        .testTarget(
            name: "CommandTests", dependencies: ["irqscope", "Rendering", "IRQCore", "TestSupport"],
            swiftSettings: testSettings),
    ]
)

// Fuzz targets have no main of their own: they exist only when Tests/Fuzz/fuzz.sh asks for them.
if Context.environment["IRQSCOPE_FUZZ"] != nil {
    package.targets += [
        .executableTarget(
            name: "FuzzContainer", dependencies: ["TraceInput"], path: "Tests/Fuzz/FuzzContainer",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "FuzzText", dependencies: ["TraceInput", "IRQCore"], path: "Tests/Fuzz/FuzzText",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "FuzzPerfData", dependencies: ["TraceInput"], path: "Tests/Fuzz/FuzzPerfData",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "FuzzPerfetto", dependencies: ["TraceInput"], path: "Tests/Fuzz/FuzzPerfetto",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "FuzzAlert", dependencies: ["IRQCore"], path: "Tests/Fuzz/FuzzAlert", swiftSettings: swiftSettings),
        .executableTarget(
            name: "FuzzDeep", dependencies: ["TestSupport"], path: "Tests/Fuzz/FuzzDeep", swiftSettings: testSettings),
        .executableTarget(
            name: "FuzzPages", dependencies: ["TestSupport"], path: "Tests/Fuzz/FuzzPages", swiftSettings: testSettings),
        .executableTarget(
            name: "FuzzProcText", dependencies: ["TestSupport"], path: "Tests/Fuzz/FuzzProcText",
            swiftSettings: testSettings),
    ]
}

// Measuring tools that are no part of what is installed: they exist only when Tests/bench/proc.sh or
// `make scale` asks for them.
if Context.environment["IRQSCOPE_BENCH"] != nil {
    package.targets += [
        .executableTarget(
            name: "ParseBench", dependencies: ["IRQCore", "KernelSource"], path: "Tests/bench/ParseBench",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "Simulate", dependencies: ["ScaleModel"], path: "Tests/scale/Simulate", swiftSettings: testSettings),
    ]
}
