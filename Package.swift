// swift-tools-version: 6.3
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
        // The bodies of the fuzz targets, and the replay of what they found.
        .target(
            name: "FuzzTargets",
            dependencies: [
                "irqscope", "TraceFormats", "TraceInput", "TraceOutput", "KernelSource", "Comparing", "Rendering",
                "IRQCore",
                "TestSupport", "CZlib",
            ], path: "Tests/Fuzz/Targets", swiftSettings: testSettings),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets", "TestSupport"], swiftSettings: testSettings),
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

// The fuzz program, which exists only when Tests/Fuzz/fuzz.sh asks for it: with libFuzzer and AddressSanitizer in all
// modules of ours. Options of the command line are fuzzed too: irqscope is a library there, whose main has another name.
if Context.environment["IRQSCOPE_FUZZ"] != nil, let program = package.targets.first(where: { $0.name == "irqscope" }) {
    package.products = []
    package.targets.removeAll { $0.name == "irqscope" || $0.isTest }
    package.targets += [
        .target(
            name: "irqscope", dependencies: program.dependencies,
            swiftSettings: swiftSettings + [
                .unsafeFlags(["-Xfrontend", "-entry-point-function-name", "-Xfrontend", "irqscope_main"])
            ]),
        .executableTarget(
            name: "Fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver",
            swiftSettings: testSettings, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address"])]),
    ]
    for target in package.targets where target.swiftSettings != nil {
        // The bodies look at what is not public, in a release build too.
        target.swiftSettings? += [.unsafeFlags(["-sanitize=fuzzer,address", "-enable-testing"])]
    }
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
