import Diagnosis
import Facts

/// A Redis URL in the config is in the repository, in every image made from it, and the same in every environment.
struct RedisURLStandsInNoFile: Check {
  static let card = CheckCard(
    id: "config.redis-url-hardcoded",
    title: "The Redis URL comes from the environment",
    severity: .warning,
    needs: [.config],
    why: """
      A URL that is written in the config travels with the repository and with every image, so staging and production \
      end up on one Redis, and a password in it is known to all who can read the code. As a fallback it is worse: the \
      instance whose variable is missing connects to another Redis than the rest, and nothing says so.
      """,
    remedy: Remedy(
      "Take the URL from the environment, and change a password that stood in a file.",
      snippet: redisDriverSnippet),
    references: ["The Twelve-Factor App: Config, https://12factor.net/config"],
    scenarios: [
      .passes(
        "the URL is the variable",
        Samples.config(
          .redis("web-1", url: URLOrigin(isWrittenInFile: false, holdsPassword: true, variables: ["REDIS_URL"])))),
      .finds(
        "a literal",
        Samples.config(.redis("web-1", url: URLOrigin(isWrittenInFile: true, holdsPassword: false))), on: "web-1"),
      .finds(
        "a literal in JSON, which has no variables",
        Samples.config(
          .redis(
            "web-1", url: URLOrigin(isWrittenInFile: true, holdsPassword: false),
            at: Location(file: "flowpanel.config.json"))), on: "web-1"),
      .finds(
        "a literal with a password",
        Samples.config(.redis("web-1", url: URLOrigin(isWrittenInFile: true, holdsPassword: true))), on: "web-1",
        severity: .error),
      .finds(
        "web-2 falls back to a literal",
        Samples.config(
          .redis("web-1", url: URLOrigin(isWrittenInFile: false, holdsPassword: false, variables: ["REDIS_URL"])),
          .redis(
            "web-2", url: URLOrigin(isWrittenInFile: true, holdsPassword: false),
            variables: [VariableUse("REDIS_URL", .unset)])), on: "web-2"),
      .undetermined(
        "the environment of web-2 can't be read",
        Samples.config(.redisUnknown("web-2", "the environment of web-2 could not be read")), on: "web-2"),
      .undetermined(
        "the driver can't be followed", Samples.config(.unknown("web-2", "pickDriver() is not followed")), on: "web-2"),
      .notApplicable("no URL at all: another check's finding", Samples.config(.redis("web-1", .none))),
      .notApplicable("what the URL is made of was not looked at", Samples.config(.web1)),
      .notApplicable("the memory driver", Samples.config(.memory("web-1"))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachInstanceOnRedis(facts.config) { realtime in
      let subject = Subject.instance(realtime.instance)
      if let reason = realtime.redis.outcome.unseen {
        return realtime.redis.unknown("its Redis URL", card, realtime.instance, reason)
      }
      guard let origin = realtime.url else {
        let isThere = if case .endpoint? = realtime.redis.value { true } else { false }
        return card.notApplicable(
          subject,
          isThere
            ? "what its Redis URL is made of was not looked at"
            : "it has no usable Redis URL, which config.redis-url-missing judges")
      }
      if origin.isWrittenInFile { return finding(realtime, origin) }
      return card.pass(subject, "its Redis URL comes from \(listed(origin.variables))")
    }
  }

  private func finding(_ realtime: InstanceRealtime, _ origin: URLOrigin) -> Verdict {
    let url = realtime.redis
    let cause = url.lacking.isEmpty ? "" : ", as \(listed(url.lacking.map(\.words))) in its environment"
    let address = if case .endpoint(let endpoint)? = url.value { endpoint.description } else { "a text" }
    let password = origin.holdsPassword ? ", with a password in it" : ""
    return card.finding(
      .instance(realtime.instance),
      "the Redis URL of \(realtime.instance) is the one that is written in the config\(password)\(cause)",
      severity: origin.holdsPassword ? .error : .warning,
      evidence: [
        Evidence(
          "url", address + (origin.holdsPassword ? " (password not shown)" : ""), expected: "from a variable",
          source: url.location?.description)
      ] + url.variableEvidence(on: realtime.instance),
      at: url.location, remedy: remedy(realtime))
  }

  private func remedy(_ realtime: InstanceRealtime) -> Remedy? {
    if !realtime.redis.lacking.isEmpty { return realtime.redis.remedyByEnvironment(of: realtime.instance) }
    guard realtime.redis.location?.file.hasSuffix(".json") == true else { return nil }
    return Remedy(
      "JSON can't read the environment: make it a flowpanel.config.ts that takes the URL from there, and change a "
        + "password that stood in the file.", snippet: redisDriverSnippet)
  }
}
