// Where values come from, the paths that are tried, and what of a variable's text may be shown.
import AdminConfig
import Facts
import Testing

@Suite struct Places {
  private let path = "app/flowpanel.config.ts"

  @Test("Each value points at the expression that gave it, columns counted in Unicode scalars")
  func places() throws {
    let found = try settings(
      "\u{FEFF}const url = process.env.REDIS_URL\r\n"
        + "/* \u{1F600}e\u{301} */ const driver = \"redis\"\r"
        + "export default defineAdmin({\n"
        + "  realtime: { driver, url: process.env.X ?? url, keyPrefix: process.env.P || \"fp\" },\n})\n",
      ["REDIS_URL": "redis://h"], path: path)
    #expect(found.isSet.location == Location(file: path, line: 4, column: 13))
    #expect(found.driver.location == Location(file: path, line: 2, column: 26))
    #expect(found.url.location == Location(file: path, line: 1, column: 13))
    #expect(found.keyPrefix.location == Location(file: path, line: 4, column: 78))
  }

  @Test("A config without realtime points at the defineAdmin call")
  func absent() throws {
    let found = try settings("import { defineAdmin } from 'flowpanel'\n\nexport default defineAdmin({})", path: path)
    let call = Location(file: path, line: 3, column: 16)
    #expect(found.isSet == Evaluated(.seen(false), at: call))
    #expect(found.driver == Evaluated(.seen("memory"), at: call))
    #expect(found.url == EvaluatedSecret(outcome: .known(nil), location: call, variables: []))
    #expect(found.keyPrefix == Evaluated(.seen(nil), at: call))
  }

  @Test("The folder itself is tried before its src folder, TypeScript before JavaScript")
  func candidates() {
    let paths = configCandidates(in: "apps/admin/")
    #expect(paths.count == 16)
    #expect(paths.first == "apps/admin/flowpanel.config.ts")
    #expect(paths[7] == "apps/admin/flowpanel.config.json")
    #expect(paths[8] == "apps/admin/src/flowpanel.config.ts")
    #expect(configCandidates(in: ".").first == "flowpanel.config.ts")
    #expect(configCandidates(in: "").last == "src/flowpanel.config.json")
    #expect(configCandidates(in: "/").first == "/flowpanel.config.ts")
    #expect(configCandidates(in: "a")[1] == "a/flowpanel.config.mts")
  }

  @Test(
    "A driver's text from a variable is shown only if it is a known name",
    arguments: [("redis", "redis"), ("memory", "memory"), ("hunter2", Secret.redacted), ("", Secret.redacted)])
  func drivers(_ text: String, _ shown: String) throws {
    #expect(try settings("export default { realtime: { driver: process.env.D } }", ["D": text]).shownDriver == shown)
  }

  @Test("A driver's text from the file is shown, whatever decided for it")
  func literalDrivers() throws {
    let found = try settings("export default { realtime: { driver: process.env.D ? 'reids' : 'x' } }", ["D": "1"])
    #expect(found.shownDriver == "reids")
  }

  @Test(
    "A key prefix from a variable is shown only if neither its text nor the variable's name suggests a secret",
    arguments: [
      ("PREFIX", "fp:web-1", "fp:web-1"), ("PREFIX", "has space", Secret.redacted), ("PREFIX", "", Secret.redacted),
      ("PREFIX", String(repeating: "a", count: 128), String(repeating: "a", count: 128)),
      ("PREFIX", String(repeating: "a", count: 129), Secret.redacted), ("REDIS_URL", "fp", Secret.redacted),
      ("app_secret", "fp", Secret.redacted), ("API_KEY", "fp", Secret.redacted), ("KEY_PREFIX", "fp", "fp"),
      ("DB_PASSWORD", "fp", Secret.redacted), ("TOKEN_1", "fp", Secret.redacted),
    ])
  func prefixes(_ name: String, _ text: String, _ shown: String) throws {
    let source = "export default { realtime: { driver: 'redis', keyPrefix: `${process.env.\(name)}` } }"
    #expect(try settings(source, [name: text]).shownPrefix == shown)
  }

  @Test("A key prefix that a secret variable only decided about is shown")
  func decidedPrefix() throws {
    let source =
      "const url = process.env.REDIS_URL; export default { realtime: url ? { driver: 'redis', url, keyPrefix: 'fp' } : undefined }"
    #expect(try settings(source, ["REDIS_URL": "redis://h"]).shownPrefix == "fp")
  }

  @Test("No part of a variable's value is in any reason")
  func reasons() throws {
    let source = """
      const { A } = process.env; const t = {};
      export default { realtime: { driver: t[A].x, url: A.foo(), keyPrefix: `${A}${f(A)}` } }
      """
    let found = try settings(source, ["A": "hunter2"])
    #expect(found.shownDriver == "?")
    #expect(!"\(found)".contains("hunter2"))
  }

  @Test("A client that is not followed makes the URL beside it unknown, and the reason points at the client's cause")
  func client() throws {
    let found = try settings(
      "export default { realtime: { driver: 'redis', client: makeClient(), url: 'redis://h' } }", path: path)
    let reason = Unseen(
      .notUnderstood, "`realtime.client` depends on `makeClient`, which this file does not define",
      at: Location(file: path, line: 1, column: 55))
    #expect(found.url.outcome == .unknown(reason))
  }
}
