import Diagnosis
import Facts

/// Clients under Sentinel go where the first sentinel that answers sends them: all have to say the same.
struct SentinelsNameTheMaster: Check {
  static let card = CheckCard(
    id: "redis.sentinel-master",
    title: "Every sentinel names the same master",
    severity: .error,
    needs: [.redis],
    why: """
      A client asks one sentinel after the other for the master by name and takes the first answer. A sentinel that \
      does not know the name, or still names the master before the last failover, sends some instances elsewhere while \
      others are right: events cross to half of the browsers. The default name is mymaster, and providers use others.
      """,
    remedy: Remedy(
      "Give every sentinel the same master under the name that the clients use.",
      commands: ["redis-cli -p 26379 SENTINEL GET-MASTER-ADDR-BY-NAME mymaster"]),
    references: [
      "Redis: Sentinel, https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/",
      "Redis: Sentinel clients, https://redis.io/docs/latest/develop/reference/sentinel-clients/",
    ],
    scenarios: [
      .passes("all name one master", Samples.sentinels(Samples.sentinel(1), Samples.sentinel(2), Samples.sentinel(3))),
      .finds(
        "one does not know the name", Samples.sentinels(Samples.sentinel(1), Samples.sentinel(2, nil)),
        on: "redis://cache:6379/0"),
      .finds("two masters", Samples.sentinels(Samples.sentinel(1), Samples.sentinel(2, "10.0.0.5:6379"))),
      .finds("the one that they name is a replica", Samples.sentinels(role: "slave", Samples.sentinel(1))),
      .finds("none answers", Samples.sentinels(Samples.silentSentinel(1), Samples.silentSentinel(2))),
      .finds(
        "one of two does not answer", Samples.sentinels(Samples.sentinel(1), Samples.silentSentinel(2)),
        severity: .warning),
      .undetermined("the role is hidden", Samples.sentinels(role: "", Samples.sentinel(1))),
      .undetermined(
        "the master could not be asked",
        Samples.details(.testplanit) { redis in
          redis.sentinel = RedisFacts.Sentinel(masterName: "mymaster", answers: [Samples.sentinel(1)])
          redis.server = .unseen(Unseen(.timedOut, "no answer to INFO within 1500 ms"))
        }),
      .undetermined("no sentinel was asked", Samples.sentinels()),
      .notApplicable("there are no sentinels", Samples.details(.testplanit)),
      .notApplicable("no Redis was named", Samples.noRedis),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      guard let sentinel = redis.sentinel else { return card.notApplicable(subject, "no sentinels are named") }
      if sentinel.answers.isEmpty {
        return card.undetermined(subject, "no sentinel was asked for \(sentinel.masterName)", at: redis.location)
      }
      return judge(redis, sentinel)
    }
  }

  private func judge(_ redis: RedisFacts, _ sentinel: RedisFacts.Sentinel) -> Verdict {
    let name = sentinel.masterName
    let argument = name == Secret.redacted ? "NAME" : shellWord(name)
    let silent = sentinel.answers.filter { $0.failure != nil }.map(\.address)
    let ignorant = sentinel.answers.filter { $0.failure == nil && $0.master == nil }.map(\.address)
    let masters = distinct(sentinel.answers.compactMap(\.master))
    if !ignorant.isEmpty {
      return finding(
        redis, sentinel, "\(listed(ignorant)) \(ignorant.count == 1 ? "knows" : "know") no master named \(name)",
        Remedy(
          "Use the name under which the sentinels watch the master (sentinel monitor NAME … in sentinel.conf), and watch "
            + "it with each of them.", commands: ignorant.prefix(8).map { ask($0, "SENTINEL MASTERS") }))
    }
    if masters.count > 1 {
      return finding(
        redis, sentinel, "the sentinels name different masters for \(name): \(listed(masters))",
        Remedy(
          "If a failover is under way, run this again when it is over. Otherwise reset the sentinels that are behind, "
            + "one after the other.",
          commands: sentinel.answers.prefix(8).map { ask($0.address, "SENTINEL MASTER \(argument)") }
            + [ask("SENTINEL:26379", "SENTINEL RESET \(argument)")]))
    }
    let strangers = sentinel.answers.filter { $0.failure?.detail.contains("unknown command") == true }.map(\.address)
    if let first = strangers.first {
      return finding(
        redis, sentinel,
        "\(listed(strangers)) \(strangers.count == 1 ? "is" : "are") no sentinel: SENTINEL was refused",
        Remedy(
          "Name the sentinels, which listen on 26379 unless told otherwise; a URL that names a Redis itself begins with "
            + "redis://.", commands: [ask(first, "INFO server")]))
    }
    guard let master = masters.first else {
      return finding(
        redis, sentinel,
        "\(silent.count == 1 ? "the one sentinel does not answer" : "none of the \(silent.count) sentinels answers") from "
          + "here: nobody finds \(name)",
        Remedy(
          "Start the sentinels, correct their addresses, or let them through from here.",
          commands: silent.prefix(8).map { ask($0, "PING") }))
    }
    let role = redis.server.value?.role
    if role == "slave" {
      return finding(
        redis, sentinel, "the sentinels name \(master) for \(name), and that is a replica",
        Remedy(
          "If a failover is under way, run this again when it is over. Otherwise see why the replica was not promoted.",
          commands: [redis.cli("ROLE"), ask(sentinel.answers[0].address, "SENTINEL CKQUORUM \(argument)")]))
    }
    if !silent.isEmpty {
      return finding(
        redis, sentinel,
        "\(silent.count) of \(counted(sentinel.answers.count, "sentinel")) "
          + "\(silent.count == 1 ? "does" : "do") not answer: \(listed(silent))",
        Remedy(
          "Start them or let them through: a failover needs a majority of the sentinels.",
          commands: silent.prefix(8).map { ask($0, "PING") }), severity: .warning)
    }
    guard role == "master" else {
      let why =
        redis.server.unseen.map(redis.whyUnseen) ?? "INFO shows \(role?.isEmpty == false ? role ?? "" : "no role")"
      return card.undetermined(
        .redis(redis.endpoint), "the sentinels name \(master), and whether it is the master is not known: \(why)",
        at: redis.location)
    }
    return card.pass(
      .redis(redis.endpoint),
      "\(counted(sentinel.answers.count, "sentinel")) asked, and \(master) is the \(name) of all",
      evidence: evidence(sentinel))
  }

  private func finding(
    _ redis: RedisFacts, _ sentinel: RedisFacts.Sentinel, _ message: String, _ remedy: Remedy,
    severity: Severity = .error
  ) -> Verdict {
    card.finding(
      .redis(redis.endpoint), "\(message)\(redis.users)", severity: severity, evidence: evidence(sentinel),
      at: redis.location, remedy: remedy)
  }

  private func evidence(_ sentinel: RedisFacts.Sentinel) -> [Evidence] {
    sentinel.answers.map { answer in
      Evidence(
        answer.address, answer.failure.map(\.detail) ?? answer.master ?? "no such master",
        expected: "one master for \(sentinel.masterName)", source: "SENTINEL GET-MASTER-ADDR-BY-NAME")
    }
  }

  private func ask(_ address: String, _ command: String) -> String {
    guard let colon = address.lastIndex(of: ":") else {
      return "redis-cli -h \(shellWord(address)) -p 26379 \(command)"
    }
    let host = address[..<colon].filter { $0 != "[" && $0 != "]" }
    return "redis-cli -h \(shellWord(host)) -p \(address[address.index(after: colon)...]) \(command)"
  }
}
