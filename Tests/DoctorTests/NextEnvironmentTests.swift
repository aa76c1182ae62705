import Diagnosis
import Facts
import Foundation
import InstanceEnvironment
import Testing

@testable import Doctor

private func environment(_ env: String, path: String = "deploy/m.yaml") throws -> Manifest.EnvironmentSource? {
  try Manifest(text: "instances: [{ name: a, env: \(env) }]", path: path, knownChecks: []).instances.first?.environment
}

@Suite("A manifest that names a folder of Next.js") struct NextManifestTests {
  @Test(arguments: [
    ("{ next: web }", "deploy/web", 37, NextMode.production),
    ("{ next: /srv/web, mode: production }", "/srv/web", 37, .production),
    ("{ mode: development, next: ../web }", "deploy/../web", 56, .development),
    ("{ next: ., mode: test }", "deploy/.", 37, .test),
  ])
  func givesFolderAndMode(_ env: String, _ folder: String, _ column: Int, _ mode: NextMode) throws {
    let location = Location(file: "deploy/m.yaml", line: 1, column: column)
    #expect(try environment(env) == .next(folder: Located(folder, at: location), mode: mode))
  }

  @Test(arguments: [
    ("{ nxet: web }", 31, "unknown key `nxet` in `instances[0].env`; did you mean `next`?"),
    ("{ next: web, mod: test }", 42, "did you mean `mode`?"),
    ("{ zebra: 1 }", 31, "expected `dotenv`, `next`, `mode` or `process`"),
    ("{ next: web, mode: prod }", 48, "unknown value `prod` for `instances[0].env.mode`; did you mean `production`?"),
    ("{ next: web, mode: staging }", 48, "expected `production`, `development` or `test`"),
    ("{ next: web, mode: [test] }", 48, "`instances[0].env.mode` must be text, not a list"),
    ("{ next: [web] }", 37, "`instances[0].env.next` must be text that names a folder, not a list"),
    ("{ next: true }", 37, "not a truth value; put it in quotes if text is meant"),
    ("{ next: '' }", 37, "`instances[0].env.next` must not be empty"),
    ("{ next: web, dotenv: a.env }", 29, "must have one of the keys `dotenv`, `next` and `process`"),
    ("{ next: web, process: true }", 29, "must have one of the keys `dotenv`, `next` and `process`"),
    ("{ mode: test }", 37, "`instances[0].env.mode` can only be given beside `next`"),
    ("{ dotenv: a.env, mode: test }", 52, "`instances[0].env.mode` can only be given beside `next`"),
  ])
  func isRefusedWithThePlace(_ env: String, _ column: Int, _ fragment: String) {
    let error = #expect(throws: ManifestError.self) { try environment(env) }
    #expect(error?.location == Location(file: "deploy/m.yaml", line: 1, column: column))
    #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
  }
}

@Suite("An instance in a folder of Next.js") final class NextInstanceTests {
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "next-\(UUID().uuidString)").path
    try write("web/.env", "REDIS_URL=redis://$HOST\nHOST=base\n")
    try write("web/.env.production", "HOST=production\n")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ name: String, _ text: String) throws {
    let file = URL(filePath: "\(folder)/\(name)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  private func plan(_ env: String) throws -> Plan {
    try write("m.yaml", "instances: [{ name: web-1, env: \(env) }]")
    var inputs = RunInputs(topics: [.environment], environment: [:])
    inputs.manifestPath = "\(folder)/m.yaml"
    return try Plan(inputs)
  }

  private func reading(_ plan: Plan) throws -> EnvironmentReading {
    EnvironmentReading(
      of: try #require(plan.instances.first), process: ["REDIS_URL": Secret("redis://mine"), "HOST": Secret("mine")],
      standardInput: Secret(""), output: nil, dialect: .nodeDotenv, snapshots: [:])
  }

  @Test func isReadAsNextReadsItWhateverTheSystem() throws {
    let reading = try reading(plan("{ next: web }"))
    #expect(reading.unseen == nil)
    #expect(
      reading.variables.mapValues { $0.value.reveal() }
        == ["REDIS_URL": "redis://production", "HOST": "production", "NODE_ENV": "production"])
    var fingerprinter = Fingerprinter(key: FingerprintKey(bytes: [1]))
    let facts = reading.facts(by: &fingerprinter)
    #expect(facts.source.hasPrefix("\(folder)/web/.env.production, \(folder)/web/.env ("))
    #expect(
      facts.variables.value?["HOST"]?.location == Location(file: "\(folder)/web/.env.production", line: 1, column: 1))
    #expect(facts.variables.value?["REDIS_URL"]?.location?.file == "\(folder)/web/.env")
  }

  @Test(arguments: [("", "production"), (", mode: development", "base"), (", mode: test", "base")])
  func isReadInItsMode(_ mode: String, _ host: String) throws {
    #expect(try reading(plan("{ next: web\(mode) }")).variables["HOST"]?.value.reveal() == host)
  }

  @Test func givesTheConfigItsMode() throws {
    try write("web/.env", "NODE_ENV=production\n")
    guard case .known(let values) = try reading(plan("{ next: web, mode: development }")).configEnvironment else {
      Issue.record("the environment is not known")
      return
    }
    #expect(values["NODE_ENV"]?.reveal() == "development")
  }

  @Test(
    "that can't be read says why, and where it was named",
    arguments: [
      ("{ next: nowhere }", Unseen.Kind.missing, "nowhere", "there is no such folder"),
      ("{ next: empty }", .missing, "empty", ".env.production.local, .env.local, .env.production, .env"),
      ("{ next: m.yaml }", .notUnderstood, "m.yaml", "it is not a folder"),
      ("{ next: loop }", .notUnderstood, "loop/.env:2:1", "the references in `B` have no end"),
    ])
  func unseen(_ env: String, _ kind: Unseen.Kind, _ place: String, _ fragment: String) throws {
    try write("empty/web.env", "A=1")
    try write("loop/.env", "A=1\nB=$B")
    let unseen = try #require(reading(plan(env)).unseen)
    #expect(unseen.kind == kind)
    #expect(unseen.location?.description == "\(folder)/\(place)")
    #expect(unseen.detail.hasPrefix("the environment of web-1 can't be read: \(folder)/"))
    #expect(unseen.detail.contains(", named at \(folder)/m.yaml:1:41: "))
    #expect(unseen.detail.contains(fragment))
  }

  @Test func mayBeNamedOnTheCommandLine() throws {
    func planned(_ text: String) throws -> Plan.EnvironmentSource? {
      var inputs = RunInputs(topics: [.environment], environment: [:])
      inputs.instances = [("web-1", try EnvironmentPlace(text))]
      return try Plan(inputs).instances.first?.environment
    }
    #expect(try planned("\(folder)/web") == .next(folder: "\(folder)/web", mode: .production, namedAt: nil))
    #expect(try planned("\(folder)/web/.env") == .place(.files(["\(folder)/web/.env"], nil), namedAt: nil))
    #expect(try planned("\(folder)/nowhere") == .place(.files(["\(folder)/nowhere"], nil), namedAt: nil))
    #expect(
      try planned("\(folder)/web,\(folder)/m.yaml")
        == .place(.files(["\(folder)/web", "\(folder)/m.yaml"], nil), namedAt: nil))
  }
}
