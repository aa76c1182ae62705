import AdminConfig
import Facts
import TestServers
import Testing

@testable import Doctor

@Suite("Stated realtime settings")
struct StatedRealtimeTests {
  private let undetermined = """
    import { flags } from "some-flags";
    export default defineAdmin({ realtime: { driver: flags.realtime, url: process.env.REDIS_URL } });
    """

  private func reading(
    _ source: String, under variables: [String: String], _ stated: StatedRealtime
  ) async throws -> (reading: ConfigReading, realtime: InstanceRealtime) {
    try await TemporaryFolder.with { folder in
      let file = try folder.write(source, to: "flowpanel.config.ts")
      let instances = [InstanceInput(name: "web", environment: .known(variables.mapValues { Secret($0) }))]
      var reading = readConfig(at: file, for: instances, withProject: false)
      reading.fillIn(stated, for: instances)
      return (reading, try #require(reading.facts.value?.instances.first))
    }
  }

  @Test("fill in what is undetermined, with the place where they are stated")
  func fillIn() async throws {
    let place = Location(file: "m.yaml", line: 3, column: 1)
    let stated = StatedRealtime(driver: .redis, keyPrefix: "fp", location: place)
    let (reading, realtime) = try await reading(undetermined, under: ["REDIS_URL": "redis://h:1/2"], stated)
    #expect(realtime.driver == Evaluated(.seen("redis"), at: place))
    #expect(realtime.keyPrefix.value == .some(nil), "the config says that there is none")
    #expect(reading.redisURLs.map(\.url) == [Secret("redis://h:1/2")])
  }

  @Test("never overrule what the config says")
  func known() async throws {
    let source = #"export default { realtime: { driver: "memory" } }"#
    let (reading, realtime) = try await reading(source, under: [:], StatedRealtime(driver: .redis, variable: "URL"))
    #expect(realtime.driver.value == "memory")
    #expect(realtime.redis.value == RedisAddress.none)
    #expect(reading.redisURLs.isEmpty)
  }

  @Test("name the variable of each instance that holds the URL")
  func variable() async throws {
    let source = "export default make()"
    let stated = StatedRealtime(driver: .redis, variable: "CACHE")
    let set = try await reading(source, under: ["CACHE": "redis://h:1/2"], stated)
    #expect(set.realtime.redis.variables == [VariableUse("CACHE", .set)])
    #expect(set.reading.redisURLs.map(\.url) == [Secret("redis://h:1/2")])
    let unset = try await reading(source, under: [:], stated)
    #expect(unset.realtime.redis.value == RedisAddress.none)
    #expect(unset.realtime.redis.variables == [VariableUse("CACHE", .unset)])
  }

  @Test("leave an instance alone that fails at start")
  func failure() async throws {
    let source = "throw new Error('no'); export default {}"
    let (_, realtime) = try await reading(source, under: [:], StatedRealtime(driver: .redis))
    #expect(realtime.failure?.message == "no")
    #expect(realtime.driver.value == nil)
  }

  @Test("stand in the manifest under realtime:")
  func manifest() throws {
    let text = "realtime:\n  driver: redis\n  variable: CACHE_URL\n  keyPrefix: fp\n"
    let manifest = try Manifest(text: text, path: "m.yaml", knownChecks: [])
    #expect(manifest.realtime?.value == Manifest.Realtime(driver: .redis, variable: "CACHE_URL", keyPrefix: "fp"))
    #expect(manifest.realtime?.location.line == 2)
  }

  @Test(
    "are refused in the manifest where they make no sense",
    arguments: [
      ("realtime:\n  keyPrefix: fp\n", "driver"), ("realtime:\n  driver: radis\n", "did you mean `redis`"),
      ("realtime:\n  driver: redis\n  url: redis://h\n", "unknown key `url`"),
      ("realtime:\n  driver: redis\n  variable: $REDIS_URL\n", "bare name"),
    ])
  func refused(_ text: String, _ fragment: String) {
    let error = #expect(throws: ManifestError.self) { try Manifest(text: text, path: "m.yaml", knownChecks: []) }
    #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "")")
  }
}
