import Foundation
import TestServers
import Testing

/// A deployment in a folder of its own: config, environments and manifest, around real servers that a test has started.
struct TestDeployment {
  /// The folder that the binary runs in.
  var folder: TemporaryFolder
  /// The ports of the instances' own streams, in order.
  var instancePorts: [Int]
  /// The public URL.
  var publicURL: String
  /// What stands in flowpanel.config.ts.
  var config = Self.config

  static let config = """
    import { defineAdmin } from "@flowpanel/kit";
    const redisUrl = process.env.REDIS_URL;
    export default defineAdmin({
      realtime: redisUrl ? { driver: "redis", url: redisUrl, keyPrefix: "fp" } : { driver: "memory" },
    });

    """

  /// Writes config, environments (one text for each instance) and manifest.
  func write(environments: [String], manifestTail: String = "") throws {
    try folder.write(config, to: "flowpanel.config.ts")
    var manifest = "system: flowpanel\nconfig: flowpanel.config.ts\ninstances:\n"
    for (index, environment) in environments.enumerated() {
      try folder.write(environment, to: "web-\(index + 1).env")
      manifest += "  - name: web-\(index + 1)\n    env: web-\(index + 1).env\n"
      if index < instancePorts.count { manifest += "    url: http://127.0.0.1:\(instancePorts[index])\n" }
    }
    if !publicURL.isEmpty { manifest += "public: \(publicURL)\n" }
    try folder.write(manifest + manifestTail, to: "flowpanel-doctor.yaml")
  }

  /// Runs the built binary in the folder.
  func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> ProcessResult {
    try await doctor(arguments, environment: environment, in: folder)
  }

  /// Two instances behind a real nginx, with a real Redis, all well.
  static func withHealthy(
    redis configure: (inout RedisServer.Configuration) -> Void = { _ in },
    _ body: (TestDeployment, RedisServer) async throws -> Void
  ) async throws {
    var configuration = RedisServer.Configuration()
    configure(&configuration)
    try await RedisServer.withServer(configuration) { redis in
      try await withOrigin { first in
        try await withOrigin { second in
          let block = """
            location / {
              proxy_pass http://127.0.0.1:\(first.port); proxy_http_version 1.1; proxy_buffering off;
            }
            """
          try await NginxServer.withServer(serverBlock: block) { nginx in
            try await TemporaryFolder.with { folder in
              let deployment = TestDeployment(
                folder: folder, instancePorts: [first.port, second.port], publicURL: nginx.origin)
              try await body(deployment, redis)
            }
          }
        }
      }
    }
  }
}

/// Runs the built binary.
func doctor(
  _ arguments: [String], environment: [String: String] = [:], in folder: TemporaryFolder, input: String = ""
) async throws -> ProcessResult {
  try await runBinary(
    builtBinary(), arguments, environment: environment, workingFolder: folder.path, standardInput: Array(input.utf8),
    timeout: .seconds(120))
}

/// The parts of a JSON report that tests look at.
struct JSONReport: Decodable {
  struct Verdict: Decodable {
    struct Location: Decodable {
      var file: String
      var line: Int?
    }

    struct Remedy: Decodable {
      var commands: [String]
    }

    struct Reference: Decodable {
      var check: String
    }

    var check: String
    var kind: String
    var severity: String
    var subject: String
    var message: String
    var location: Location?
    var remedy: Remedy?
    var explainedBy: Reference?
  }

  struct Instance: Decodable {
    struct Realtime: Decodable {
      struct Setting: Decodable {
        var value: String?
        var undetermined: String?
      }

      var driver: Setting
      var redis: Setting
      var keyPrefix: Setting
    }

    var name: String
    var realtime: Realtime
  }

  struct Stream: Decodable {
    struct AskedFor: Decodable {
      var httpVersion: String
      var coding: String
    }

    var askedFor: AskedFor
    var cell: String { "\(askedFor.httpVersion) \(askedFor.coding)" }
  }

  struct Redis: Decodable {
    struct Step: Decodable {
      var step: String
    }

    var steps: [Step]
    var unfinished: String?
  }

  var schemaVersion: Int
  var summary: [String: Int]
  var verdicts: [Verdict]
  var instances: [Instance]?
  var redis: [Redis]?
  var streams: [Stream]?

  init(_ result: ProcessResult) throws {
    self = try JSONReport(result.standardOutput)
  }

  init(_ text: String) throws {
    self = try JSONDecoder().decode(JSONReport.self, from: Data(text.utf8))
  }

  /// The ids and subjects of the findings, `check subject`, without the notices that every server of a test has started
  /// recently, and that every stream of a test is open to this machine; nor how long a busy machine's Redis takes.
  var findings: [String] {
    verdicts.filter {
      $0.kind == "finding" && $0.check != "redis.restarted-recently" && $0.check != "redis.latency"
        && !($0.check == "stream.auth-open" && $0.severity == "notice")
    }.map { "\($0.check) \($0.subject)" }
  }
}
