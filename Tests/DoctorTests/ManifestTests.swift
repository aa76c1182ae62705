import Diagnosis
import Facts
import Testing

@testable import Doctor

private let knownChecks = ["config.file-missing", "redis.eviction-policy", "redis.unreachable"]

private func manifest(_ text: String, path: String = "deploy/flowpanel-doctor.yaml") throws -> Manifest {
  try Manifest(text: text, path: path, knownChecks: knownChecks)
}

private func place(_ line: Int, _ column: Int) -> Location {
  Location(file: "deploy/flowpanel-doctor.yaml", line: line, column: column)
}

@Suite("A manifest") struct ManifestTests {
  @Test func givesEveryKeyWithItsPlace() throws {
    let manifest = try manifest(
      """
      system: flowpanel
      config: flowpanel.config.ts
      timeout: 30s
      instances:
        - name: web-1
          env: web-1.env
          url: http://127.0.0.1:3001
        - name: web-2
          env: [base.env, /etc/web-2.env]
        - name: web-3
          env: { dotenv: [a.env] }
        - { name: web-4, env: { process: true } }
        - name: web-5
      public:
        - https://admin.example.com
      redis:
        url: redis://cache:6379/0
        caFile: certs/ca.pem
      stream:
        path: /events
        caFile: certs/ca.pem
        headers:
          - name: Cookie
            file: cookie.txt
          - name: Authorization
            variable: ADMIN_AUTHORIZATION
      env:
        example: .env.example
        required: [API_URL]
        mustMatch: [FOO, "SSE_*"]
        mayDiffer: [PORT]
        mustBeUnique: [INSTANCE_ID]
        onlyOn: { CRON_SECRET: worker-*, QUEUE: [worker-1, worker-2] }
        forbidden: ["DEBUG_*"]
        types: { SSE_CAP: integer 1.., LOG_LEVEL: "enum debug, info" }
        deprecated: { OLD_URL: Set API_URL instead. }
        mustDiffer: [[A_KEY, B_KEY]]
      checks:
        redis.eviction-policy: { severity: warning, reason: "pub/sub only" }
        redis.unreachable:
          suppress: true
          reason: 'behind a firewall'
      """)
    var expected = Manifest(path: "deploy/flowpanel-doctor.yaml")
    expected.config = Located("deploy/flowpanel.config.ts", at: place(2, 9))
    expected.timeout = Located(.seconds(30), at: place(3, 10))
    expected.instances = [
      Manifest.Instance(
        name: Located("web-1", at: place(5, 11)),
        environment: .place(Located(.files(["deploy/web-1.env"], nil), at: place(6, 10))),
        streamURL: Located("http://127.0.0.1:3001/events", at: place(7, 10))),
      Manifest.Instance(
        name: Located("web-2", at: place(8, 11)),
        environment: .place(Located(.files(["deploy/base.env", "/etc/web-2.env"], nil), at: place(9, 11)))),
      Manifest.Instance(
        name: Located("web-3", at: place(10, 11)),
        environment: .place(Located(.files(["deploy/a.env"], nil), at: place(11, 21)))),
      Manifest.Instance(name: Located("web-4", at: place(12, 13)), environment: .process(place(12, 25))),
      Manifest.Instance(name: Located("web-5", at: place(13, 11))),
    ]
    expected.publicURLs = [Located("https://admin.example.com/events", at: place(15, 5))]
    expected.redis = Manifest.Redis(
      url: Located(.inline("redis://cache:6379/0"), at: place(17, 8)),
      caFile: Located("deploy/certs/ca.pem", at: place(18, 11)))
    expected.stream = Manifest.Stream(
      path: "/events", caFile: Located("deploy/certs/ca.pem", at: place(21, 11)),
      headers: [
        Located(Manifest.Header(name: "Cookie", source: .file("deploy/cookie.txt")), at: place(23, 7)),
        Located(Manifest.Header(name: "Authorization", source: .variable("ADMIN_AUTHORIZATION")), at: place(25, 7)),
      ])
    expected.example = Located("deploy/.env.example", at: place(28, 12))
    expected.variables.required = ["API_URL"]
    expected.variables.agreements = [
      "FOO": .mustMatch, "SSE_*": .mustMatch, "PORT": .mayDiffer, "INSTANCE_ID": .mustBeUnique,
    ]
    expected.variables.onlyOn = ["CRON_SECRET": ["worker-*"], "QUEUE": ["worker-1", "worker-2"]]
    expected.variables.forbidden = ["DEBUG_*"]
    expected.variables.types = ["SSE_CAP": .integer(least: 1, most: nil), "LOG_LEVEL": .oneOf(["debug", "info"])]
    expected.variables.deprecated = ["OLD_URL": "Set API_URL instead."]
    expected.variables.mustDiffer = [["A_KEY", "B_KEY"]]
    expected.checks = [
      Located(
        Manifest.CheckOverride(
          check: "redis.eviction-policy", severity: .warning, isSuppressed: false, reason: "pub/sub only"),
        at: place(39, 3)),
      Located(
        Manifest.CheckOverride(
          check: "redis.unreachable", severity: nil, isSuppressed: true, reason: "behind a firewall"),
        at: place(40, 3)),
    ]
    #expect(manifest == expected)
  }

  @Test func hasDefaultsForWhatItDoesNotSay() throws {
    let manifest = try manifest("instances: []")
    var expected = Manifest(path: "deploy/flowpanel-doctor.yaml")
    expected.stream.path = "/api/flowpanel/stream"
    #expect(manifest == expected)
    #expect(manifest.system == .flowpanel)
  }

  @Test(arguments: System.allCases) func namesEverySystem(_ system: System) throws {
    let manifest = try manifest("system: \(system.rawValue)")
    #expect(manifest.system == system)
    #expect(manifest.stream.path == system.streamPath)
  }

  @Test(arguments: [
    ("flowpanel-doctor.yaml", "a.env"), ("./flowpanel-doctor.yaml", "./a.env"), ("../m.yaml", "../a.env"),
    ("/m.yaml", "/a.env"), ("/srv/app/m.yaml", "/srv/app/a.env"),
  ])
  func resolvesPathsAgainstItsFolder(_ path: String, _ expected: String) throws {
    let manifest = try manifest("instances: [{ name: a, env: a.env }]", path: path)
    #expect(
      manifest.instances.first?.environment
        == .place(Located(.files([expected], nil), at: Location(file: path, line: 1, column: 29))))
  }

  @Test(arguments: [
    ("redis: { url: { variable: REDIS_URL } }", Manifest.GuardedURL.secret(.variable("REDIS_URL")), 15),
    ("redis: { url: { file: redis.url } }", .secret(.file("deploy/redis.url")), 15),
    ("redis: { url: 'rediss://[::1]:6380' }", .inline("rediss://[::1]:6380"), 15),
    ("redis: { url: redis://cache }", .inline("redis://cache"), 15),
  ])
  func takesTheRedisURLFromThreePlaces(_ text: String, _ expected: Manifest.GuardedURL, _ column: Int) throws {
    #expect(try manifest(text).redis.url == Located(expected, at: place(1, column)))
  }

  @Test func takesTheWayToStreams() throws {
    let stream = try manifest("stream: { certFile: c.pem, keyFile: k.pem, proxy: { variable: PROXY } }").stream
    #expect(stream.certificateFile?.value == "deploy/c.pem")
    #expect(stream.keyFile?.value == "deploy/k.pem")
    #expect(stream.proxy?.value == .secret(.variable("PROXY")))
    #expect(
      try manifest("stream: { proxy: 'socks5h://proxy:1080' }").stream.proxy?.value
        == .inline("socks5h://proxy:1080"))
    #expect(
      try manifest("stream: { origin: 'https://app.example.com:8443' }").stream.origin
        == "https://app.example.com:8443")
  }

  @Test(arguments: [
    ("https://a", "https://a/api/flowpanel/stream"),
    ("https://a/", "https://a/api/flowpanel/stream"),
    ("https://a?x=1", "https://a/api/flowpanel/stream?x=1"),
    ("https://a/?x=1", "https://a/api/flowpanel/stream?x=1"),
    ("https://a/s", "https://a/s"),
    ("https://a/s/?x=@1", "https://a/s/?x=@1"),
    ("https://a/s#top", "https://a/s"),
    ("HTTP://[::1]:3000", "HTTP://[::1]:3000/api/flowpanel/stream"),
    ("http://a:65535/@me", "http://a:65535/@me"),
  ])
  func completesAURLWithoutPath(_ text: String, _ expected: String) throws {
    #expect(try manifest("public: \"\(text)\"").publicURLs == [Located(expected, at: place(1, 9))])
    #expect(
      try manifest("instances: [{ name: a, url: \"\(text)\" }]").instances.first?.streamURL?.value == expected)
  }

  @Test func leavesTheURLOfAWebSocketSystemAlone() throws {
    #expect(try manifest("system: flock\npublic: https://a").publicURLs.map(\.value) == ["https://a"])
  }

  @Test func takesQuotedNumbersAndWordsAsText() throws {
    let manifest = try manifest("instances: [{ name: '1' }, { name: \"true\" }, { name: 1.2.3 }]")
    #expect(manifest.instances.map(\.name.value) == ["1", "true", "1.2.3"])
  }

  @Test func mayUseAnchors() throws {
    let manifest = try manifest("instances:\n  - { name: a, env: &e [x.env] }\n  - { name: b, env: *e }\n")
    #expect(manifest.instances[0].environment == manifest.instances[1].environment)
  }

  @Test func mayMergeKeys() throws {
    let manifest = try manifest("instances:\n  - &a { name: a, env: [x.env] }\n  - { <<: *a, name: b }\n")
    #expect(manifest.instances.map(\.name.value) == ["a", "b"])
    #expect(manifest.instances[0].environment == manifest.instances[1].environment)
  }

  @Test func mayBeginWithAByteOrderMark() throws {
    #expect(try manifest("\u{FEFF}system: flock").system == .flock)
  }

  @Test("a number or a time in the place of a stream's URL is repeated, and nothing else")
  func aURLOfTheCommandLine() {
    let rule = "must be a URL such as https://admin.example.com: it begins with http:// or https://"
    #expect(streamURLProblem("5") == "the stream URL '5' \(rule)")
    #expect(streamURLProblem("30s") == "the stream URL '30s' \(rule)")
    #expect(streamURLProblem("canary7") == "the stream URL \(rule)")
    #expect(streamURLProblem("http://127.0.0.1:3000") == nil)
  }
}
