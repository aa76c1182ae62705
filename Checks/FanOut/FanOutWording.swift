// How the checks on the fan-out put what was seen, and what keeps an instance from it.

import Diagnosis
import FanOut
import Facts

/// What keeps some instances from the fan-out, all for one reason: in words, with what mends it and what it explains.
struct FanOutReason {
  var cause: FanOutCause
  var clues: FanOutClues
  var matrix: FanOutMatrix
  var facts: Facts

  /// The reason without the instances' names; those who have the same are told of together.
  func words(_ isOne: Bool) -> String {
    let its = isOne ? "its" : "their"
    switch cause.kind {
    case .memoryDriver:
      let lacking = clues.realtime?.driver.lacking.map(\.words) ?? []
      let why = lacking.isEmpty ? "" : listed(lacking) + " in \(its) environment, "
      let place = clues.realtime?.driver.location ?? clues.realtime?.isSet.location
      return "\(isOne ? "it runs" : "they run") the memory driver (\(why)\(place.map { "\($0)" } ?? "by default"))"
    case .tlsMismatch:
      let usesTLS = clues.redis?.endpoint.usesTLS == true
      return "\(server) speaks \(usesTLS ? "no TLS" : "TLS"), and \(its) URL says \(usesTLS ? "rediss" : "redis")"
    case .credentialsRefused: return "\(server) refuses the credentials of \(its) URL"
    case .redisUnreachable: return "\(server) can't be reached from here: \(clues.redis?.failureInWords ?? "")"
    case .channelRefused:
      let user = clues.redis?.user.map { "the user \($0)" } ?? "\(its) user"
      return "\(user) may not use \(its) channels on \(server)"
    case .ioredisMissing: return "ioredis, which the redis driver loads, is not installed"
    case .otherServer:
      return "\(isOne ? "it is" : "they are") subscribed on \(clues.elsewhere?.server ?? "another Redis"), and "
        + "\(others) on \(matrix.main?.server ?? "")"
    case .otherPrefix:
      return
        "\(isOne ? "it subscribes" : "they subscribe") under \(clues.elsewhere?.name.prefixWords ?? "another"), and "
        + "\(others) under \(matrix.main?.name.prefixWords ?? "")"
    case .otherConvention:
      return "\(isOne ? "it subscribes" : "they subscribe") under \(clues.elsewhere?.name.words ?? "other names"), and "
        + "\(others) under \(matrix.main?.name.words ?? "")"
    case .subscriptionLost:
      return "\(its) subscription ended, and \(isOne ? "it did" : "they did") not subscribe again"
    case .deaf:
      if clues.driver == nil {
        return
          "most likely \(isOne ? "it runs" : "they run") the memory driver or \(its) connection to Redis is dead: which "
          + "driver \(isOne ? "it runs" : "they run") is not known"
      }
      let well = clues.redis?.failedStep == nil && clues.redis != nil ? ", and \(server) is well" : ""
      return
        "\(its) driver is redis by \(its) files\(well): \(its) subscriber's connection is dead, can't be made from there, or "
        + "\(isOne ? "it was" : "they were") started with other settings than these files have"
    }
  }

  /// A sentence on the instances.
  func sentence(_ names: [String]) -> String {
    let isOne = names.count == 1
    let who = instanceNames(names)
    switch cause.kind {
    case .otherServer, .otherConvention, .otherPrefix:
      let rollout = cause.kind == .otherConvention ? "; a rollout is half done" : ""
      return "\(who) \(isOne ? "does" : "do") not hear \(others): \(words(isOne))\(rollout)"
    case .subscriptionLost:
      return
        "\(who) \(isOne ? "hears" : "hear") nothing any more while \(isOne ? "its stream is" : "their streams are") "
        + "open: \(words(isOne))"
    default: break
    }
    guard clues.row.direct?.isReady == true, clues.row.direct?.hearing == .never else {
      return "\(who) can't be seen to hear what is published: \(words(isOne))"
    }
    return "\(who) \(isOne ? "answers" : "answer") ready and never subscribed: \(words(isOne))"
  }

  /// The instances that hear each other.
  private var others: String {
    let names = matrix.rows.filter { row in
      guard let main = matrix.main, case .subscribed(let places)? = row.direct?.hearing else { return false }
      return places.contains(main)
    }.map(\.instance)
    return names.isEmpty ? "the others" : instanceNames(names)
  }

  private var server: String { clues.redis.map { "\($0.endpoint)" } ?? "its Redis" }

  /// The finding that says most of the cause beside the fan-out: what it measured and how it is mended is said here too.
  private var lead: Verdict? {
    let redis = clues.redis.map { Subject.redis($0.endpoint) }
    let (checks, subject): ([any Check], Subject?) =
      switch cause.kind {
      case .memoryDriver: ([DriverReachesEveryInstance(), RealtimeIsSet()], .instance(clues.row.instance))
      case .tlsMismatch: ([RedisServesPlainConnections(), RedisServesTLSConnections(), RedisServes()], redis)
      case .credentialsRefused: ([RedisAcceptsCredentials()], redis)
      case .redisUnreachable: ([RedisServes()], redis)
      case .channelRefused: ([RedisAllowsChannels()], redis)
      case .ioredisMissing: ([IoredisIsInstalled()], nil)
      case .otherServer: ([RedisURLsLeadToOneServer()], nil)
      case .otherPrefix: ([KeyPrefixIsTheSameEverywhere()], nil)
      case .otherConvention, .subscriptionLost, .deaf: ([], nil)
      }
    return checks.lazy.flatMap { check in (try? check.judge(facts.only(check.card.needs))) ?? [] }
      .first { $0.kind == .finding && (subject == nil || $0.subject == subject) }
  }

  func finding(_ card: CheckCard, _ names: [String]) -> Verdict {
    let lead = lead
    return card.finding(
      names.count == 1 ? .instance(names[0]) : .deployment, sentence(names),
      evidence: evidence(names) + (lead?.evidence ?? []).prefix(6) + doubt, at: lead?.location ?? location,
      remedy: lead?.remedy ?? remedy(names), explains: symptoms(names))
  }

  private var location: Location? {
    clues.realtime?.driver.location
      ?? facts.deployment.value?.instances.first { $0.name == clues.row.instance }?.location
  }

  private func evidence(_ names: [String]) -> [Evidence] {
    matrix.rows.filter { names.contains($0.instance) }.prefix(3).flatMap { row -> [Evidence] in
      guard let direct = row.direct else { return [] }
      let stream = direct.facts.handshakeMilliseconds == nil ? "no handshake" : "ready"
      var found = [Evidence("\(row.instance)'s stream", stream, source: direct.facts.url)]
      switch direct.hearing {
      case .never:
        found.append(
          Evidence(
            "subscribers of its own channel", "0", expected: "1",
            source: "PUBSUB NUMSUB on \(listed(matrix.servers))"))
      case .subscribed(let places):
        found.append(
          Evidence(
            "subscribed", places.map { "under \($0.name.words) on \($0.server)" }.joined(separator: "; "),
            expected: matrix.main.map { "under \($0.name.words) on \($0.server)" }, source: "PUBSUB CHANNELS"))
      case .lost(let place):
        found.append(
          Evidence(
            "subscribers of its own channel", "1, then 0", expected: "1", source: "PUBSUB NUMSUB on \(place.server)"))
      case .unknown(let why): found.append(Evidence("subscribed", "not known: \(why)"))
      }
      return found + [Evidence("messages that came on it", "\(direct.arrival.came)")]
    }
  }

  /// The one further look that would settle what is not certain.
  private var doubt: [Evidence] {
    // A cause with a sign of its own needs no count of subscribers.
    let open = cause.unseen.filter { !cause.isSigned || $0 != .notSubscribed }
    let look = open.lazy.filter { cause.kind != .deaf || $0 != .ioredis }.compactMap { $0.look(at: clues.row.instance) }
      .first
    if let look { return [Evidence("would settle it", look)] }
    guard cause.kind == .deaf else { return [] }
    return [
      Evidence(
        "would settle it",
        "\(clues.row.instance)'s log since its start: [flowpanel] redis subscribe failed, [ioredis] Unhandled error")
    ]
  }

  private func remedy(_ names: [String]) -> Remedy? {
    let who = instanceNames(names)
    switch cause.kind {
    case .memoryDriver:
      return Remedy("Choose the redis driver for every instance, and restart \(who).", snippet: redisDriverSnippet)
    case .otherServer: return Remedy("Give \(who) the Redis URL that the other instances have, and restart.")
    case .otherConvention:
      return Remedy("Finish the rollout: run one version of flowpanel on every instance.")
    case .otherPrefix: return Remedy("Give every instance the same realtime.keyPrefix, and restart \(who).")
    case .subscriptionLost, .deaf:
      return Remedy(
        "Read the log of \(who) for \"[flowpanel] redis subscribe failed\" and \"[ioredis]\", then restart: a process that "
          + "starts subscribes anew. Compare what it runs under with its files (flowpanel-doctor env publish, env gate).",
        commands: clues.redis.map { [$0.cli("CLIENT LIST TYPE pubsub")] } ?? [])
    default: return nil
    }
  }

  /// What other checks make of the same thing.
  private func symptoms(_ names: [String]) -> [Symptom] {
    var symptoms = [Symptom("pubsub.subscriber-count"), Symptom("pubsub.no-subscribers")]
    for row in matrix.rows where names.contains(row.instance) {
      // Where Redis closed a connection in the burst, that is the cause of what came after it.
      let isCut = matrix.bursts.contains { ($0.burst.closedConnections ?? 0) > 0 }
      symptoms.append(Symptom("pubsub.burst-loss", .instance(row.instance), isUndetermined: isCut))
      symptoms.append(Symptom("pubsub.delivered-once", .instance(row.instance)))
      if let url = row.direct?.facts.url { symptoms.append(Symptom("stream.ready-without-redis", .stream(url))) }
    }
    // Who is not subscribed can't be told from another who is not.
    symptoms += matrix.publicStreams.compactMap { $0.first }.map {
      Symptom("pubsub.balancer-reach", .stream($0.facts.url), isUndetermined: true)
    }
    for streams in matrix.publicStreams where streams.contains(where: { isBehind($0, names) }) {
      guard let url = streams.first?.facts.url else { continue }
      symptoms += ["stream.ready-without-redis", "pubsub.fanout", "pubsub.delivered-once"].map {
        Symptom($0, .stream(url))
      }
    }
    return symptoms + ownSymptoms(names)
  }

  /// Whether the instances are behind a public stream, as far as known.
  private func isBehind(_ stream: FanOutMatrix.Stream, _ names: [String]) -> Bool {
    switch stream.seat {
    case .instance(let name): names.contains(name)
    case .silent:
      switch clues.row.direct?.hearing {
      case .never?, .unknown?, nil: true
      case .subscribed?, .lost?: false
      }
    case .unknown: stream.isReady && stream.arrival.came == 0
    case .unnamed: false
    }
  }

  private func ownSymptoms(_ names: [String]) -> [Symptom] {
    func each(_ checks: String...) -> [Symptom] {
      checks.flatMap { check in names.map { Symptom(check, .instance($0)) } }
    }
    func redis(_ checks: [String]) -> [Symptom] {
      clues.redis.map { redis in checks.map { Symptom($0, .redis(redis.endpoint)) } } ?? []
    }
    // Others may lack the same variables for reasons of their own.
    func variables(_ variables: [String], _ isValue: Bool = true) -> [Symptom] {
      let own = ["env.missing-on-instance", "env.value-damaged"].flatMap { check in
        names.map { Symptom(check, .instance($0), variables: variables) }
      }
      let together = [Symptom("env.missing-on-instance", .deployment, variables: variables)]
      return own + (names.count > 1 ? together : [])
        + (isValue ? [Symptom("env.value-differs", variables: variables)] : [])
    }
    let url = (clues.realtime?.redis.variables.map(\.name) ?? []) + [facts.deployment.value?.system.redisVariable ?? ""]
    switch cause.kind {
    case .memoryDriver:
      return each("config.driver-memory-multi-instance", "config.realtime-unset", "config.driver-env-ternary")
        + [Symptom("config.driver-differs")]
        + variables((clues.realtime?.driver.lacking.map(\.name) ?? []) + url, false)
    case .tlsMismatch, .credentialsRefused, .redisUnreachable:
      // Of a server that does not answer nothing else can be known.
      let open =
        redis(Catalogue.ids.filter { $0.hasPrefix("redis.") || $0.hasPrefix("pubsub.") })
        + ["redis.same-server", "stream.replay", "stream.replay-other-instance"].map { Symptom($0) }
      return redis([
        "redis.acl-log", "redis.auth-failed", "redis.tls-required", "redis.tls-unexpected", "redis.unreachable",
      ])
        + open.map { Symptom($0.check, $0.subject, isUndetermined: true) } + each("config.redis-url-localhost")
        + variables(url)
    case .channelRefused:
      return redis(["redis.acl-channel-denied", "redis.acl-log", "redis.acl-command-denied", "pubsub.delivery-time"])
    case .ioredisMissing: return [Symptom("config.ioredis-missing")]
    case .otherServer:
      return [Symptom("redis.same-server"), Symptom("stream.replay-other-instance")]
        + each("config.redis-url-localhost") + variables(url)
    case .otherConvention, .otherPrefix:
      return [
        Symptom("pubsub.channel-convention"), Symptom("config.key-prefix-mismatch"),
        Symptom("config.key-prefix-ignored"),
      ] + (clues.realtime.map { variables($0.keyPrefix.variables.map(\.name)) } ?? [])
    case .subscriptionLost, .deaf: return []
    }
  }
}

extension Expectation {
  /// The look that shows what was not seen; nil where there is none of its own.
  fileprivate func look(at instance: String) -> String? {
    switch self {
    case .memoryDriver, .redisDriver:
      "its environment: env: in the manifest, or --instance \(instance)=FILE, and the config beside it"
    case .redisIsUnreachable, .redisIsWell, .redisRefusesCredentials, .redisRefusesChannels, .redisWantsOtherTLS:
      "flowpanel-doctor redis --url-variable REDIS_URL, run where \(instance) runs"
    case .noIoredis, .ioredis: "npm ls ioredis, in the image of \(instance)"
    case .notSubscribed: "a Redis user that may ask who is subscribed: +pubsub|channels +pubsub|numsub"
    case .ready: "\(instance)'s own URL: url: in the manifest, or --direct \(instance)=URL"
    default: nil
    }
  }
}

extension StreamFacts {
  /// What the fan-out shows where this stream's answer or path is at fault.
  var fanOutSymptoms: [Symptom] {
    let checks = ["pubsub.fanout", "pubsub.delivered-once", "pubsub.balancer-reach", "pubsub.burst-loss"]
    return checks.flatMap { check in
      [Symptom(check, .stream(url))] + (instance.map { [Symptom(check, .instance($0))] } ?? [])
    }
  }

  /// What else can't be known of a stream of which nothing comes out.
  var silenceSymptoms: [Symptom] {
    [
      "blocked", "content-encoding", "content-type", "ended", "handshake", "headers-withheld", "ready-without-redis",
      "replay", "replayed", "rewritten", "status",
    ].map { Symptom("stream.\($0)", .stream(url), isUndetermined: true) }
  }
}
