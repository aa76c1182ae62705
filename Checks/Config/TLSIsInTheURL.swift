import Diagnosis
import Facts

/// No version of flowpanel reads a `tls` setting: whoever sets it connects without TLS and believes otherwise.
struct TLSIsInTheURL: Check {
  static let card = CheckCard(
    id: "config.tls-option",
    title: "TLS to Redis is asked for where flowpanel reads it",
    severity: .warning,
    needs: [.config],
    why: """
      flowpanel hands ioredis the URL and nothing else, so a `tls` key under `realtime` is dropped without a word. With \
      a redis:// URL the password then travels in clear, or the provider's TLS port never answers and ioredis reports \
      a time-out after ten seconds. The scheme rediss:// is what turns TLS on.
      """,
    remedy: Remedy(
      "Remove `tls`, and use a URL that begins with rediss:// where Redis is to be reached over TLS.",
      snippet: "REDIS_URL=rediss://USER:PASSWORD@HOST:6379/0"),
    references: [
      "flowpanel documentation: Realtime (redis driver, url)",
      "ioredis: TLS options, https://github.com/redis/ioredis#tls-options",
    ],
    scenarios: [
      .passes("there is no such key", Samples.config(.withTLSKey("web-1", .seen(false)))),
      .finds("the key is there", Samples.config(.withTLSKey("web-1", .seen(true))), on: "web-1"),
      .undetermined(
        "the settings are spread from something that can't be followed",
        Samples.config(.withTLSKey("web-1", .unseen(Unseen(.notUnderstood, "`...common` is not followed")))),
        on: "web-1"),
      .undetermined(
        "the driver can't be followed", Samples.config(.unknown("web-1", "pickDriver() is not followed")), on: "web-1"),
      .notApplicable("nobody looked for the key", Samples.config(.web1)),
      .notApplicable("the memory driver", Samples.config(.memory("web-1"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachInstanceOnRedis(facts.config) { realtime in
      let subject = Subject.instance(realtime.instance)
      guard let tls = realtime.tls else {
        return card.notApplicable(subject, "whether `realtime` has a `tls` key was not looked at")
      }
      switch tls.outcome {
      case .unseen(let reason):
        return tls.unknown("whether `realtime` has a `tls` key", card, realtime.instance, reason)
      case .seen(false): return card.pass(subject, "`realtime` has no `tls` key")
      case .seen(true):
        let scheme =
          switch realtime.redis.value {
          case .endpoint(let endpoint)?:
            endpoint.usesTLS ? "TLS comes from the URL's rediss://" : "the connection is without TLS"
          default: "the URL's scheme alone decides"
          }
        return card.finding(
          subject, "`realtime` has a `tls` key, which no flowpanel version reads: \(scheme)",
          evidence: [Evidence("tls", "given", expected: "no such key", source: tls.location?.description)],
          at: tls.location)
      }
    }
  }
}
