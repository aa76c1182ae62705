import Facts
import Testing

@testable import Doctor

/// A manifest that is wrong, where, and what the message says among other things.
struct BadManifest: CustomTestStringConvertible {
  var text: String
  var line: Int
  var column: Int
  var fragments: [String]

  init(_ text: String, _ line: Int, _ column: Int, _ fragments: String...) {
    self.text = text
    self.line = line
    self.column = column
    self.fragments = fragments
  }

  var testDescription: String { text.debugDescription }
}

private let knownChecks = ["config.file-missing", "redis.eviction-policy", "redis.unreachable"]

private func failure(of text: String) -> ManifestError? {
  #expect(throws: ManifestError.self) {
    try Manifest(text: text, path: "m.yaml", knownChecks: knownChecks)
  }
}

private func expect(_ bad: BadManifest) {
  let error = failure(of: bad.text)
  #expect(error?.kind == .malformed)
  #expect(error?.location == Location(file: "m.yaml", line: bad.line, column: bad.column), "\(error?.message ?? "")")
  for fragment in bad.fragments {
    #expect(error?.message.contains(fragment) == true, "\(error?.message ?? "") lacks \(fragment)")
  }
}

/// Text that is made to take long, to fill memory or to overflow the stack.
struct HostileManifest: CustomTestStringConvertible {
  var testDescription: String
  var text: String

  init(_ description: String, _ text: String) {
    testDescription = description
    self.text = text
  }

  private static func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

  static let all = [
    HostileManifest("aliases in a key", aliasesInAKey(after: "")),
    HostileManifest("aliases in a key, each after a line break of YAML's own", aliasesInAKey(after: "\u{85}")),
    HostileManifest("open lists", repeated("[", 400_000)),
    HostileManifest("open mappings", repeated("{", 400_000)),
    HostileManifest("open keys", repeated("? ", 400_000)),
    HostileManifest("open block lists", repeated("- ", 400_000)),
    HostileManifest("nested lists", repeated("[", 990) + repeated("]", 990)),
    HostileManifest("nested mappings", repeated("{a: ", 990) + "x" + repeated("}", 990)),
    HostileManifest("nested keys", repeated("{ ? ", 450) + "x" + repeated("}", 450)),
    HostileManifest("many keys", (0..<60_000).map { "key\($0): x\n" }.joined()),
    HostileManifest("many elements", "public: [" + repeated("[],", 300_000) + "]"),
  ]

  /// Nine levels of nine aliases; to compare the key with others means to visit each of the 9⁹ leaves.
  private static func aliasesInAKey(after space: String) -> String {
    var text = ""
    for level in 0..<9 {
      let element = level == 0 ? "x" : "\(space)*a\(level - 1)"
      let elements = [String](repeating: element, count: 9).joined(separator: ",")
      text += "k\(level): &a\(level) [\(elements)]\n"
    }
    return text + "? *a8\n: x\n"
  }
}

@Suite("A manifest is refused, with the place, for") struct ManifestErrorTests {
  @Test(arguments: [
    BadManifest("instnaces: []", 1, 1, "unknown key `instnaces`; did you mean `instances`?"),
    BadManifest("system: flock\nredsi:\n  url: x", 2, 1, "`redsi`", "did you mean `redis`?"),
    BadManifest("time: 3s", 1, 1, "did you mean `timeout`?"),
    BadManifest("zebra: 1", 1, 1, "expected `system`, `config`,", "or `checks`"),
    BadManifest("instances:\n  - name: a\n    envv: x", 3, 5, "unknown key `envv` in `instances[0]`", "`env`?"),
    BadManifest("instances:\n  - name: a\n    env: { dotnev: x }", 3, 12, "in `instances[0].env`", "`dotenv`?"),
    BadManifest("redis: { cafile: x }", 1, 10, "did you mean `caFile`?"),
    BadManifest("redis: { url: { var: X } }", 1, 17, "in `redis.url`", "did you mean `variable`?"),
    BadManifest("stream:\n  header: []", 2, 3, "did you mean `headers`?"),
    BadManifest("env: { must_match: [A] }", 1, 8, "did you mean `mustMatch`?"),
    BadManifest("checks:\n  redis.unreachable: { supress: true }", 2, 24, "did you mean `suppress`?"),
    BadManifest("checks:\n  redis.eviction-polcy: { reason: x }", 2, 3, "unknown check", "`redis.eviction-policy`?"),
    BadManifest("checks:\n  nothing.like-it: { reason: x }", 2, 3, "unknown check", "expected `config.file-missing`"),
  ])
  func unknownKeys(_ bad: BadManifest) { expect(bad) }

  @Test(arguments: [
    BadManifest("- a", 1, 1, "the manifest must be a mapping of keys, not a list"),
    BadManifest("just text", 1, 1, "not text"),
    BadManifest("system: []", 1, 9, "`system` must be text, not a list"),
    BadManifest("config: 5", 1, 9, "`config` must be text", "not a number", "put it in quotes"),
    BadManifest("config: true", 1, 9, "not a truth value"),
    BadManifest("config: ~", 1, 9, "not empty"),
    BadManifest("config: ''", 1, 9, "`config` must not be empty"),
    BadManifest("config: \"a\\0b\"", 1, 9, "control characters"),
    BadManifest("instances: web-1", 1, 12, "`instances` must be a list, not text"),
    BadManifest("instances:\n  name: a", 2, 3, "`instances` must be a list, not a mapping"),
    BadManifest("instances:\n  - web-1", 2, 5, "`instances[0]` must be a mapping of keys, not text"),
    BadManifest("instances: [{ name: 5 }]", 1, 21, "`instances[0].name` must be text, not a number"),
    BadManifest("instances: [{ name: a, env: 5 }]", 1, 29, "`instances[0].env`", "a list"),
    BadManifest("instances: [{ name: a, env: [5] }]", 1, 30, "`instances[0].env[0]`"),
    BadManifest("public: { url: x }", 1, 9, "`public` must be text or a list, not a mapping"),
    BadManifest("redis: redis://cache", 1, 8, "`redis` must be a mapping"),
    BadManifest("redis: { url: [a] }", 1, 15, "`redis.url` must be text, or a mapping with `variable` or `file`"),
    BadManifest("stream: /events", 1, 9, "`stream` must be a mapping"),
    BadManifest("stream: { headers: { Cookie: x } }", 1, 20, "`stream.headers` must be a list"),
    BadManifest("env: [A]", 1, 6, "`env` must be a mapping"),
    BadManifest("env: { mustMatch: [A], mayDiffer: [A] }", 1, 36, "`A` is under `env.mustMatch` already"),
    BadManifest("env: { types: { A: number } }", 1, 20, "`number` is no type; known are url"),
    BadManifest("env: { mustDiffer: [[A]] }", 1, 21, "must name at least two variables"),
    BadManifest("env: { onlyOn: { A: { x: y } } }", 1, 21, "must be text or a list"),
    BadManifest("env: { mustMatch: A }", 1, 19, "`env.mustMatch` must be a list, not text"),
    BadManifest("checks: [a]", 1, 9, "`checks` must be a mapping"),
    BadManifest("checks: { redis.unreachable: off }", 1, 30, "`checks.redis.unreachable` must be a mapping"),
    BadManifest(
      "checks: { redis.unreachable: { suppress: 'true', reason: x } }", 1, 42, "must be true or false, not text"),
    BadManifest("? [a]\n: b", 1, 3, "must be text, not a list"),
  ])
  func wrongTypes(_ bad: BadManifest) { expect(bad) }

  @Test(arguments: [
    BadManifest("system: flowpnel", 1, 9, "unknown value `flowpnel` for `system`; did you mean `flowpanel`?"),
    BadManifest("system: rails", 1, 9, "expected `flowpanel`, `redis-streams`,"),
    BadManifest(
      "checks: { redis.unreachable: { severity: warn, reason: x } }", 1, 42, "unknown value `warn`", "`warning`?"),
    BadManifest("timeout: 30", 1, 10, "`timeout` must be a duration such as 500ms, 15s or 5m, not a number"),
    BadManifest("timeout: 30 seconds", 1, 10, "500ms, 15s or 5m"),
    BadManifest("timeout: 0s", 1, 10, "`timeout`"),
    BadManifest("instances: [{ name: web 1 }]", 1, 21, "`web 1` is no instance name", "letters A–Z and a–z"),
    BadManifest("instances: [{ name: wéb }]", 1, 21, "is no instance name"),
    BadManifest(
      "instances:\n  - name: a\n  - name: b\n  - name: a", 4, 11, "`a` is already taken by the instance in line 2"),
    BadManifest(
      "instances:\n  - name: a\n    url: http://h:1\n  - name: b\n    url: http://h:1", 5, 10,
      "`a` has this URL already"),
    BadManifest("instances: [{ name: a, env: [] }]", 1, 29, "at least one file"),
    BadManifest("instances: [{ name: a, env: {} }]", 1, 29, "one of the keys `dotenv`, `next` and `process`"),
    BadManifest("instances: [{ name: a, env: { dotenv: x, process: true } }]", 1, 29, "one of the keys"),
    BadManifest("instances: [{ name: a, env: { process: false } }]", 1, 40, "can only be true"),
    BadManifest("stream: { path: events }", 1, 17, "begins with `/`"),
    BadManifest("stream: { headers: [{ name: 'a b', file: x }] }", 1, 29, "no name that an HTTP header can have"),
    BadManifest(
      "stream: { headers: [{ name: a, file: x, variable: Y }] }", 1, 21, "one of the keys `variable` and `file`"),
    BadManifest("redis: { url: { variable: $REDIS_URL } }", 1, 27, "bare name of a variable"),
    BadManifest("env: { mayDiffer: [A=1] }", 1, 20, "bare name of a variable"),
    BadManifest("checks: { redis.unreachable: { reason: x } }", 1, 30, "changes nothing"),
    BadManifest("checks: { redis.unreachable: { suppress: false, reason: x } }", 1, 30, "changes nothing"),
    BadManifest("system: redis-streams\npublic: https://a", 2, 9, "has no path", "`stream.path`"),
  ])
  func wrongValues(_ bad: BadManifest) { expect(bad) }

  @Test(arguments: [
    BadManifest("instances:\n  - url: http://a", 2, 5, "`instances[0]` lacks the key `name`"),
    BadManifest("stream: { headers: [{ file: x }] }", 1, 21, "`stream.headers[0]` lacks the key `name`"),
    BadManifest("stream: { headers: [{ name: Cookie }] }", 1, 21, "one of the keys `variable` and `file`"),
    BadManifest("redis: { url: {} }", 1, 15, "`redis.url` must have one of the keys"),
    BadManifest("checks: { redis.unreachable: { suppress: true } }", 1, 30, "lacks the key `reason`"),
  ])
  func missingKeys(_ bad: BadManifest) { expect(bad) }

  @Test(arguments: [
    BadManifest("redis: { url: 'redis://:canary@cache' }", 1, 15, "variable: NAME"),
    BadManifest("redis: { url: 'redis://canary@cache' }", 1, 15, "user name or password"),
    BadManifest("redis: { url: 'redis://u:can#ary@cache' }", 1, 15, "user name or password"),
    BadManifest("redis: { url: 'redis://cache?password=canary' }", 1, 15, "user name or password"),
    BadManifest("stream: { proxy: 'http://user:canary@proxy' }", 1, 18, "has credentials"),
    BadManifest("stream: { proxy: canary:3128 }", 1, 18, "http://proxy:3128"),
    BadManifest("stream: { origin: admin.example.com }", 1, 19, "http:// or https://"),
    BadManifest("stream: { origin: 'https://admin.example.com/' }", 1, 19, "nothing follows"),
    BadManifest("stream: { origin: 'https://Admin.example.com' }", 1, 19, "lower case"),
    BadManifest("stream: { origin: 'https://admin.example.com:443' }", 1, 19, "the scheme's own port"),
    BadManifest("redis: { url: 'cache:6379?canary' }", 1, 15, "redis://cache:6379/0"),
    BadManifest("redis: { url: 'redis://cache:canary' }", 1, 15, "the port is not right"),
    BadManifest("redis: { url: 'redis:///canary' }", 1, 15, "the host"),
    BadManifest("public: https://u:canary@a", 1, 9, "`public` must have no user name and password"),
    BadManifest("instances: [{ name: a, url: 'http://canary@a' }]", 1, 29, "`instances[0].url` must have no user name"),
    BadManifest("public: [https://a, https://u:ca/nary]", 1, 21, "`public[1]`", "the port is not right"),
    BadManifest("public: ftp://canary", 1, 9, "http:// or https://"),
    BadManifest("public: canary", 1, 9, "http:// or https://"),
    BadManifest("public: https://", 1, 9, "the host"),
    BadManifest("public: https://a:0", 1, 9, "the port is not right"),
    BadManifest("public: https://a:65536", 1, 9, "the port is not right"),
    BadManifest("public: 'https://[::1'", 1, 9, "the host"),
    BadManifest("public: 'https://a/b c'", 1, 9, "no space"),
    BadManifest("stream: { headers: [{ name: Cookie, value: canary }] }", 1, 37, "`file`", "`variable`"),
  ])
  func secretsAndURLs(_ bad: BadManifest) {
    expect(bad)
    #expect(failure(of: bad.text)?.description.contains("canary") == false)
  }

  @Test(arguments: [
    BadManifest("", 1, 1, "the manifest is empty"),
    BadManifest("# nothing\n", 1, 1, "the manifest is empty"),
    BadManifest("system: flock\nsystem: flock", 1, 1, "`system` is given more than once"),
    BadManifest("redis:\n  url: redis://a\n  url: redis://b", 2, 3, "`url` is given more than once"),
    BadManifest("system: [a\n", 2, 1, "not valid YAML", "flow sequence"),
    BadManifest("a: b: c", 1, 5, "not valid YAML", "mapping values are not allowed"),
    BadManifest("system:\n\t- a", 2, 1, "not valid YAML"),
    BadManifest("system: *nobody", 1, 9, "not valid YAML", "undefined alias"),
    BadManifest("system: flock\n---\nsystem: flock", 2, 1, "not valid YAML", "another document"),
    BadManifest("system: flock\nconfig: a\u{01}b", 2, 10, "not valid YAML", "control characters"),
  ])
  func textThatIsNotYAML(_ bad: BadManifest) { expect(bad) }

  @Test func aTextOverTheBound() {
    let text = "system: flock\n#" + String(repeating: "x", count: 1 << 20)
    #expect(failure(of: text)?.message.contains("larger than") == true)
  }

  @Test(.timeLimit(.minutes(5)), arguments: HostileManifest.all)
  func hostileText(_ manifest: HostileManifest) async {
    // In a task of its own: there stacks are smaller than the main thread's.
    await Task { _ = failure(of: manifest.text) }.value
  }

  @Test func aLongNameIsCutInTheMessage() throws {
    let message = try #require(failure(of: String(repeating: "k", count: 500) + ": 1")).message
    #expect(message.count < 300 && message.contains("…"))
  }
}
