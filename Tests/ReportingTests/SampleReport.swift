// One report with everything in it: all five kinds of verdict, all severities, a cause with its symptoms, exhibits, and
// hostile text of every sort.

import Diagnosis
import Reporting
import Testing

let titles = [
  "config.driver-memory-multi-instance": "Several instances do not run on the memory driver",
  "config.file-missing": "The admin config exists",
  "redis.auth-failed": "Redis accepts the credentials",
  "redis.eviction-policy": "Redis refuses writes when full instead of evicting",
  "redis.unreachable": "Redis answers",
  "stream.content-type": "The stream says text/event-stream",
]

/// ANSI escapes, a C1 control, a right-to-left override, a zero-width space, a line separator and a line break.
let controlBytes =
  "\u{1B}[31mred\u{1B}[0m \u{9B}2J \u{202E}drawkcab\u{202C} zero\u{200B}width \u{2028}next\r\n::error::mine"
/// What would end a CDATA section, an annotation or a tag, or begin another.
let markup = "]]> <b a='1'> & \"quoted\" %0A::error file=a,line=1::taken ##[add-mask]oops \\ backslash"
let longWord = "x-" + String(repeating: "very-", count: 20) + "long"

private let cache = Subject.redis(.init(host: "cache", port: 6379, database: 0, usesTLS: false, isUnixSocket: false))
private let publicStream = Subject.stream("https://admin.example.com/api/flowpanel/stream")
private let directStream = Subject.stream("http://web-2:3000/api/flowpanel/stream")

let sample = Report(
  title: "deploy/flowpanel-doctor.yaml: 3 instances, 1 Redis, 1 stream",
  conclusions: ["https://admin.example.com/api/flowpanel/stream: the stream answers 502: \(controlBytes)", markup],
  verdicts: folded([
    Verdict(
      check: "config.file-missing", kind: .pass, severity: .error, subject: .config("flowpanel.config.ts"),
      message: "flowpanel.config.ts was read"),
    Verdict(
      check: "config.driver-memory-multi-instance", kind: .finding, severity: .error, subject: .instance("web-2"),
      message: "web-2 runs on the memory driver beside 2 other instances, so its events reach only the browsers that "
        + "happen to be connected to it",
      evidence: [
        Evidence("driver", "memory", expected: "redis", source: "flowpanel.config.ts:14:12"),
        Evidence("REDIS_URL", "not set", source: "web-2.env"),
      ],
      location: .init(file: "flowpanel.config.ts", line: 14, column: 12),
      remedy: Remedy(
        "Set REDIS_URL on web-2, or choose the redis driver for every instance in the config.",
        snippet: "realtime: {\n  driver: \"redis\",\n  redis: { url: process.env.REDIS_URL },\n}")),
    Verdict(
      check: "config.realtime-unset", kind: .finding, severity: .notice, subject: .config("flowpanel.config.ts"),
      message: "the config leaves the key prefix to its default", location: .init(file: "flowpanel.config.ts")),
    Verdict(
      check: "config.driver-differs", kind: .finding, severity: .warning, subject: .deployment,
      message: "the instances run different drivers: \(controlBytes)",
      evidence: [Evidence("driver of web-2", "memory", expected: "one driver on all")],
      remedy: Remedy("Let every instance choose the same driver.")),
    Verdict(
      check: "env.value-differs", kind: .finding, severity: .warning, subject: .deployment,
      message: "SESSION_SECRET differs between web-1 and web-3",
      evidence: [Evidence("SESSION_SECRET", "2 distinct values", expected: "1", source: "web-1.env:3, web-3.env:7")],
      location: .init(file: "env,with:odd%name.env", line: 7)),
    Verdict(
      check: "env.missing-on-instance", kind: .suppressed, severity: .error, subject: .instance("web-3"),
      message: "SMTP_URL is missing on web-3 — suppressed: only web-1 sends mail (flowpanel-doctor.yaml:21:5)"),
    Verdict(
      check: "env.missing-on-instance", kind: .finding, severity: .error, subject: .instance("web-2"),
      message: "REDIS_URL is not set on web-2; \(markup)", evidence: [Evidence("REDIS_URL", "not set")],
      remedy: Remedy("Set REDIS_URL for web-2."), variables: ["REDIS_URL"]),
    Verdict(
      check: "redis.auth-failed", kind: .pass, severity: .error, subject: cache, message: "AUTH was accepted"),
    Verdict(check: "redis.unreachable", kind: .pass, severity: .error, subject: cache, message: "PING took 0.4 ms"),
    Verdict(
      check: "redis.unreachable", kind: .pass, severity: .error,
      subject: .redis(.init(host: "::1", port: 6380, database: 2, usesTLS: true, isUnixSocket: false)),
      message: "PING took 0.2 ms"),
    Verdict(
      check: "redis.eviction-policy", kind: .finding, severity: .warning, subject: cache,
      message: "Redis evicts keys when it is full",
      evidence: [Evidence("maxmemory-policy", "allkeys-lru", expected: "noeviction", source: "CONFIG GET")],
      remedy: Remedy(
        "Make Redis refuse writes when it is full, then give it enough memory, and keep the setting in its config file.",
        commands: [
          "redis-cli -u redis://cache:6379/0 CONFIG SET maxmemory-policy noeviction", "redis-cli CONFIG REWRITE",
        ],
        snippet: "maxmemory-policy noeviction\r\nmaxmemory 512mb")),
    Verdict(
      check: "redis.role-replica", kind: .undetermined, severity: .error, subject: cache,
      message: "INFO was refused: NOPERM this user has no permissions to run the 'info' command",
      evidence: [Evidence("INFO replication", "NOPERM", source: "cache:6379")]),
    Verdict(
      check: "redis.tls-required", kind: .notApplicable, severity: .error, subject: cache,
      message: "the server answers without TLS"),
    Verdict(
      check: "redis.tls-unexpected", kind: .notApplicable, severity: .error, subject: cache,
      message: "the server answers without TLS"),
    Verdict(
      check: "pubsub.unheard", kind: .finding, severity: .warning, subject: .instance("web-2"),
      message: "web-2 answers ready, but never subscribed",
      evidence: [Evidence("PUBSUB NUMSUB", "0", expected: "1")],
      remedy: Remedy("Set REDIS_URL for web-2 and restart it.", commands: ["docker compose up -d web-2"]),
      explains: [
        Symptom("config.driver-differs"),
        Symptom("env.missing-on-instance", .instance("web-2"), variables: ["REDIS_URL"]),
        Symptom("redis.unreachable"), Symptom("stream.handshake", directStream),
      ]),
    Verdict(
      check: "stream.status", kind: .finding, severity: .error, subject: publicStream,
      message: "the stream answers 502: \(controlBytes)",
      evidence: [
        Evidence("status", "502", expected: "200"),
        Evidence("Server", controlBytes),
        Evidence("X-Markup", markup, source: "HTTP/2"),
        Evidence("X-Long", longWord),
        Evidence("X-Wide", "你好，世界 🚀 e\u{301}tat 👩🏽‍🚀 🇩🇪", expected: "ascii"),
      ],
      remedy: Remedy("Start the application behind the proxy. \(markup)", commands: ["curl -N '\(markup)'"])),
    Verdict(
      check: "stream.handshake", kind: .undetermined, severity: .error, subject: publicStream,
      message: "no event can be expected from an answer with status 502"),
    Verdict(
      check: "stream.handshake", kind: .undetermined, severity: .error, subject: directStream,
      message: "no event came that tells whether it hears Redis"),
    Verdict(
      check: "stream.content-type", kind: .notApplicable, severity: .error, subject: publicStream,
      message: "the answer is not a stream"),
    Verdict(
      check: "stream.unreachable", kind: .suppressed, severity: .error, subject: .deployment,
      message: "left out by --skip stream.unreachable"),
  ]),
  exhibits: [
    Exhibit(
      key: "instances", title: "Instances", columns: ["instance", "driver", "Redis", "where it is set"],
      rows: [
        ["web-1", "redis", "redis://cache:6379/0", "flowpanel.config.ts:14:12"],
        ["web-2", "memory", "not used", "flowpanel.config.ts:14:12, as REDIS_URL is not set in web-2.env"],
        ["世界-3 🚀", "redis", "redis://\u{1B}]0;title\u{7}cache:6379/0", longWord],
      ],
      value: [["name": "web-1", "latencyMilliseconds": .number(1.25), "open": true, "none": nil, "empty": []]]),
    Exhibit(key: "streams", title: "Streams", columns: ["URL"], rows: [], value: []),
  ],
  notLookedAt: [
    "The direct URLs of the instances, because the manifest gives none; name them under instances[].url.",
    "::warning::\(controlBytes)",
  ],
  inputProblems: [
    InputProblem(
      .missing, "web-4.env does not exist; correct the path or remove the instance",
      at: .init(file: "flowpanel-doctor.yaml", line: 12, column: 10)),
    InputProblem(.malformed, "\(markup) is not a setting"),
  ])

let healthy = Report(
  title: "flowpanel.config.ts",
  verdicts: [
    Verdict(
      check: "redis.unreachable", kind: .pass, severity: .error, subject: cache, message: "PING took 0.4 ms"),
    Verdict(
      check: "redis.tls-required", kind: .notApplicable, severity: .error, subject: cache,
      message: "the server answers without TLS"),
  ])

/// A cause, and what could not be determined because of it.
func unknownBecause(_ severity: Severity) -> [Verdict] {
  folded([
    Verdict(
      check: "pubsub.x", kind: .finding, severity: severity, subject: .deployment, message: "m",
      explains: [Symptom("stream.x")]),
    Verdict(check: "stream.x", kind: .undetermined, severity: .error, subject: .deployment, message: "not seen"),
  ])
}

extension Report: CustomTestStringConvertible {
  /// The hostile text of the sample does not belong in a test log.
  public var testDescription: String { terminalSafe(title) }
}
