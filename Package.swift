// swift-tools-version: 6.2
import PackageDescription

// The arrows of the design are the dependency lists below: checks see facts and verdicts alone, reports see verdicts
// alone, probes see facts and the transport, and only the transport sees the two C libraries.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

func module(_ name: String, path: String? = nil, _ dependencies: Target.Dependency...) -> Target {
  .target(name: name, dependencies: dependencies, path: path, swiftSettings: strict)
}

func tests(_ name: String, exclude: [String] = [], _ dependencies: Target.Dependency...) -> Target {
  .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
  name: "flowpanel-doctor",
  products: [.executable(name: "flowpanel-doctor", targets: ["flowpanel-doctor"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  ],
  targets: [
    .executableTarget(
      name: "flowpanel-doctor",
      dependencies: [
        "Doctor", "Reporting", "ReferenceOrigin", "StreamProbe", "Transport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict,
      // Start-up: without position independence there are no 100,000 relocations to make before main.
      linkerSettings: [.unsafeFlags(["-Xclang-linker", "-no-pie"], .when(configuration: .release))]),

    module(
      "Doctor", "Checks", "Delivery", "Diagnosis", "FanOut", "Facts", "AdminConfig", "InstanceEnvironment",
      "RedisProbe", "StreamProbe", "Transport"),
    module("Checks", path: "Checks", "Delivery", "Diagnosis", "FanOut", "Facts"),
    module("Delivery", "Facts"),
    module("FanOut", "Facts"),
    module("Reporting", "Diagnosis"),
    module("Diagnosis", "Facts"),
    module("Facts"),

    // The optimizer of Swift 6.2 ends with an ownership error of its own making in the pass that is left out here.
    .target(
      name: "AdminConfig", dependencies: ["Facts"],
      swiftSettings: strict + [
        .unsafeFlags(["-Xfrontend", "-enable-copy-propagation=false"], .when(configuration: .release))
      ]),
    module(
      "InstanceEnvironment", "Facts", .product(name: "Crypto", package: "swift-crypto"),
      .product(name: "Yams", package: "Yams")),
    module("RedisProbe", "Facts", "Transport"),
    module("StreamProbe", "Facts", "Transport"),
    module("Transport", "CCurl", "CHiredis", "Facts", .product(name: "Crypto", package: "swift-crypto")),
    module(
      "ReferenceOrigin", "Facts", "Transport", .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio")),

    tests("AdminConfigTests", exclude: ["Corpus"], "AdminConfig", "Facts", "InstanceEnvironment"),
    tests("ChecksTests", "Checks", "Diagnosis", "Facts", "Reporting"),
    tests("DeliveryTests", "Delivery", "Facts"),
    tests("DiagnosisTests", "Diagnosis", "Facts"),
    tests(
      "DoctorTests", "Doctor", "AdminConfig", "Diagnosis", "Facts", "InstanceEnvironment", "Reporting", "StreamProbe",
      "TestServers"),
    tests("FactsTests", "Facts"),
    tests("FanOutTests", "FanOut", "Facts"),
    tests("InstanceEnvironmentTests", exclude: ["Corpus"], "InstanceEnvironment", "Facts"),
    tests(
      "IntegrationTests", "Checks", "Diagnosis", "Doctor", "Facts", "RedisProbe", "ReferenceOrigin", "Reporting",
      "StreamProbe", "TestServers", "Transport", "flowpanel-doctor"),
    tests("PathTests", "Checks", "Diagnosis", "Facts", "ReferenceOrigin", "StreamProbe", "TestServers", "Transport"),
    tests("RedisProbeTests", "RedisProbe", "Transport", "TestServers", "Facts"),
    tests("ReferenceOriginTests", "ReferenceOrigin", "TestServers", "Facts"),
    tests("ReportingTests", exclude: ["Golden"], "Reporting", "Diagnosis", "Facts"),
    tests("StreamProbeTests", "StreamProbe", "Transport", "ReferenceOrigin", "TestServers", "Facts"),
    tests("TransportTests", "Transport", "TestServers", "Facts"),
    module(
      "TestServers", path: "Tests/TestServers", "ReferenceOrigin", "Transport",
      .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio")),

    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
  ]
)
