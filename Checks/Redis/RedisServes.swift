import Diagnosis
import Facts

/// Everything else about Redis can be asked only once it answers.
struct RedisServes: Check {
  static let card = CheckCard(
    id: "redis.unreachable",
    title: "Redis can be reached and serves commands",
    severity: .error,
    needs: [.redis],
    why: """
      Without Redis every instance is alone: streams open and stay silent, and a mutation may hang for ten seconds \
      after its database write until the client gives up. Each step of a connection fails for a reason of its own, and \
      the step tells where to look: names, network, TLS, the server. This is seen from where the doctor runs, which \
      need not be the network of the instances.
      """,
    remedy: Remedy("Follow the step that failed: name, port, network policy, TLS, then the server itself."),
    references: [
      "Redis: PING, https://redis.io/docs/latest/commands/ping/",
      "Redis: TLS, https://redis.io/docs/latest/operate/oss_and_stack/management/security/encryption/",
    ],
    scenarios: [
      .passes("PING is answered", Samples.redis()),
      .passes(
        "it answers and refuses the password", Samples.redis(.authenticate, .wrongCredentials, "WRONGPASS invalid")),
      .passes(
        "it answers and wants a password", Samples.redis(.ping, .credentialsRequired, "NOAUTH Authentication required.")
      ),
      .passes("this user may not PING", Samples.redis(.ping, .commandRefused, "NOPERM no permission to run 'ping'")),
      .passes(
        "this user may not read INFO", Samples.redis(.info, .commandRefused, "NOPERM no permission to run 'info'")),
      .finds("the name does not exist", Samples.redis(.nameLookup, .nameNotFound, "no such host: cache")),
      .finds(
        "the port is closed", Samples.redis(.connect, .connectionRefused, "connection refused"),
        on: "redis://cache:6379/0"),
      .finds("nobody answers", Samples.redis(.connect, .timedOut, "no answer within 5000 ms")),
      .finds("the connection is reset", Samples.redis(.connect, .closed, "connection reset by peer")),
      .notApplicable(
        "the certificate is not accepted: another check's finding",
        Samples.redis(.tls, .certificate, "self-signed certificate in certificate chain", tls: true)),
      .finds(
        "neither TLS nor plain works",
        Samples.redis(.tls, .timedOut, "no answer within 5000 ms", tls: true, otherSide: .seen(.silent))),
      .finds("too many clients", Samples.redis(.authenticate, .serverError, "ERR max number of clients reached")),
      .finds("a database that does not exist", Samples.redis(.select, .serverError, "ERR DB index is out of range")),
      .finds(
        "something else listens there", Samples.redis(.ping, .notRedis, "HTTP/1.1 400", otherSide: .seen(.silent))),
      .undetermined("interrupted before the first step", Samples.redis(steps: [])),
      .undetermined(
        "interrupted before any Redis was tried", Facts(redis: .unseen(Unseen(.interrupted, "interrupted")))),
      .notApplicable(
        "a plain connection to a port for TLS: another check's finding",
        Samples.redis(.ping, .closed, "closed by the other side", otherSide: .seen(.answers))),
      .notApplicable(
        "TLS to a plain port: another check's finding",
        Samples.redis(.tls, .timedOut, "no answer", tls: true, otherSide: .seen(.answers))),
      .finds(
        "the proxy refuses",
        Samples.redis(.connect, .proxy, "connection refused").redis { $0.proxy = "127.0.0.1:1080" }),
      .passes("an IPv6 address is dead, which clients pass over", behindAName(dead: "[fd00::5]:6379")),
      .finds("an address is dead", behindAName(dead: "10.0.0.6:6379"), on: "redis://cache:6379/0", severity: .warning),
      .undetermined(
        "the run ended before PING",
        Samples.redis(steps: Samples.steps(.nameLookup, .connect)).redis {
          $0.unfinished = Unseen(.interrupted, "the run was interrupted first")
        }),
      .notApplicable(
        "no sentinel answers: another check's finding",
        Samples.redis(.sentinels, .nameNotFound, "no sentinel answers").redis { redis in
          redis.sentinel = RedisFacts.Sentinel(masterName: "mymaster", answers: [Samples.silentSentinel(1)])
        }),
      .notApplicable(
        "it is still loading: another check's finding",
        Samples.redis(.ping, .serverError, "LOADING Redis is loading the dataset in memory")),
      .notApplicable("no Redis was named", Facts(redis: .unseen(Unseen(.notGiven, "no Redis URL was named")))),
      .notApplicable("none is in use", Facts(redis: .seen([]))),
    ])

  func judge(_ facts: Facts) -> [Verdict] {
    card.eachRedis(facts) { redis in
      let subject = Subject.redis(redis.endpoint)
      if let sentinel = redis.sentinel, !sentinel.answers.isEmpty, sentinel.answers.allSatisfy({ $0.master == nil }) {
        return card.notApplicable(subject, "its sentinels name no master, which redis.sentinel-master judges")
      }
      guard let failed = redis.failedStep, let failure = failed.failure else {
        guard let ping = redis.result(of: .ping) else {
          return card.undetermined(subject, "PING was not answered yet: \(redis.failureInWords)")
        }
        // Other addresses of the name are asked at the same time, and known last.
        if let reason = redis.unaskedAddresses {
          return card.undetermined(
            subject, "PING was answered, and whether all addresses of the name answer is not known: \(reason.detail)",
            evidence: redis.stepEvidence, at: redis.location)
        }
        let dead = redis.deadAddresses
        if !dead.isEmpty { return finding(redis, dead) }
        return card.pass(
          subject, "PING was answered after \(millisecondsText(ping.milliseconds))\(redis.users)",
          evidence: redis.stepEvidence)
      }
      let otherKindAnswers = redis.otherSide == .seen(.answers)
      switch (failed.step, failure.kind) {
      case (.sentinels, _), (.nameLookup, _), (.connect, _): return finding(redis, failed, failure)
      case (.tls, .certificate):
        return card.notApplicable(subject, "its certificate is not accepted, which redis.tls-certificate judges")
      case (.tls, _) where otherKindAnswers:
        return card.notApplicable(subject, "the port answers without TLS, which redis.tls-unexpected judges")
      case (_, _) where redis.isMuteToCommands && !redis.endpoint.usesTLS && otherKindAnswers:
        return card.notApplicable(subject, "the port answers over TLS, which redis.tls-required judges")
      case (_, _) where redis.credentialRefusal != nil:
        return card.pass(subject, "it answers, and refuses to let us in, which redis.auth-failed judges")
      case (_, .serverError) where redis.refusingState != nil:
        return card.notApplicable(
          subject, "it answers, and is in no state to serve, which redis.loading-or-readonly judges")
      case (.ping, .commandRefused), (.info, _):
        return card.pass(subject, "it answers\(redis.users)", evidence: redis.stepEvidence)
      default: return finding(redis, failed, failure)
      }
    }
  }

  private func finding(_ redis: RedisFacts, _ failed: RedisFacts.StepResult, _ failure: RedisFacts.StepFailure)
    -> Verdict
  {
    // A time-out says itself how long it took.
    let time = failure.kind == .timedOut ? "" : ", after \(millisecondsText(failed.milliseconds))"
    return card.finding(
      .redis(redis.endpoint),
      "\(fault(failed.step, failure.kind, redis))\(redis.users): \(failure.detail)\(time)",
      evidence: redis.stepEvidence, at: redis.location, remedy: remedy(failed.step, failure.kind, redis))
  }

  private func finding(_ redis: RedisFacts, _ dead: [RedisFacts.Address]) -> Verdict {
    let addresses = redis.addresses ?? []
    return card.finding(
      .redis(redis.endpoint),
      "\(redis.endpoint.host) leads to \(addresses.count) addresses, and \(listed(dead.map(\.address))) "
        + "\(dead.count == 1 ? "does" : "do") not answer\(redis.users): which one a client gets is left to chance",
      severity: .warning,
      evidence: addresses.map { Evidence($0.address, $0.failure?.detail ?? "answers", expected: "answers") },
      at: redis.location,
      remedy: Remedy(
        "Take the address that is dead out of the name, or start the server behind it.",
        commands: ["getent ahosts \(shellWord(redis.endpoint.host))"]))
  }

  private func fault(_ step: RedisFacts.Step, _ kind: RedisFacts.StepFailure.Kind, _ redis: RedisFacts) -> String {
    let name = "\(redis.endpoint)"
    return switch (step, kind) {
    case (.nameLookup, .timedOut): "the look-up of \(redis.endpoint.host) was not answered"
    case (.nameLookup, _): "\(redis.endpoint.host) could not be looked up"
    case (.connect, _) where redis.proxy != nil: "the SOCKS proxy \(redis.proxy ?? "") makes no connection to \(name)"
    case (_, .connectionRefused): "nothing listens at \(name)\(redis.atAddress)"
    case (.connect, .timedOut): "no connection came about to \(name)\(redis.atAddress)"
    case (.tls, _): "\(name) did not complete a TLS handshake"
    case (_, .notRedis): "something other than Redis listens at \(name)\(redis.atAddress)"
    case (_, .serverError), (_, .commandRefused): "\(name) answers and can't serve: \(step.title) was refused"
    case (.connect, _): "the connection failed to \(name)\(redis.atAddress)"
    default: "no answer to \(step.title) came from \(name)\(redis.atAddress)"
    }
  }

  private func remedy(_ step: RedisFacts.Step, _ kind: RedisFacts.StepFailure.Kind, _ redis: RedisFacts) -> Remedy {
    let host = redis.endpoint.host
    let port = redis.endpoint.port
    return switch (step, kind) {
    case (.connect, _) where redis.proxy != nil:
      Remedy(
        "See that the proxy runs where --socks says and may connect to \(host):\(port), the name being looked up there.",
        commands: ["nc -vz \(hostAndPort(redis.proxy ?? ""))"])
    case (.nameLookup, _):
      Remedy(
        "Correct the host in the URL, or run where that name is known: names of compose and cluster services exist in "
          + "their network alone.", commands: ["getent hosts \(shellWord(host))"])
    case (_, .connectionRefused) where redis.endpoint.isUnixSocket:
      Remedy("Start Redis, and give it this socket.", snippet: "unixsocket \(host)")
    case (_, .connectionRefused):
      Remedy(
        "Start Redis, correct the port, or let it listen on the address that the instances use, with a password.",
        commands: [redis.cli("PING")], snippet: "bind 127.0.0.1 PRIVATE_ADDRESS\nport \(port)\nrequirepass …")
    case (.connect, _) where redis.endpoint.isUnixSocket:
      Remedy("Correct the path, and let this user open it (unixsocketperm).", commands: ["ls -l \(shellWord(host))"])
    case (.connect, _):
      Remedy(
        "Let \(host):\(port) through: firewall, security group, network policy, and the route from here.",
        commands: ["nc -vz \(shellWord(host)) \(port)"])
    case (.tls, .other) where redis.tlsClient?.certificateFile != nil,
      (.tls, .closed) where redis.tlsClient?.certificateFile != nil:
      Remedy(
        "See that --cert-file and --key-file are a certificate and its key, in PEM, that Redis's authority has signed.",
        commands: ["openssl x509 -noout -subject -enddate -in \(shellWord(redis.tlsClient?.certificateFile ?? ""))"])
    case (.tls, _):
      Remedy(
        "Make sure that this port is Redis's tls-port, and that client and server share a TLS version.",
        commands: ["openssl s_client -connect \(shellWord("\(host):\(port)")) </dev/null"])
    case (.select, _):
      Remedy(
        "Name a database that this server has and this user may select; clusters and many providers have 0 alone.",
        commands: [redis.cli("CONFIG GET databases")])
    case (_, .notRedis): Remedy("Correct host and port: another service listens there.")
    case (_, .serverError), (_, .commandRefused):
      Remedy(
        "Act on the server's own words; its log has the rest.",
        commands: [redis.cli("INFO persistence"), redis.cli("INFO clients")])
    case (_, .closed) where redis.tls != nil && redis.tlsClient?.certificateFile == nil:
      Remedy(
        "A server that ends the connection after the handshake wants a client's certificate (tls-auth-clients): name it "
          + "with --cert-file and --key-file, and see that the application shows one.",
        commands: [redis.cli("PING")])
    default: Remedy("See whether the server is stuck or a proxy before it is.", commands: [redis.cli("PING")])
    }
  }

  private static func behindAName(dead address: String) -> Facts {
    Samples.redis().redis { redis in
      redis.addresses = [
        .init("10.0.0.5:6379", runID: "aaaa"),
        .init(address, failure: RedisFacts.StepFailure(.connectionRefused, "connection refused")),
      ]
    }
  }
}

/// `127.0.0.1:1080` as two words of a command line.
private func hostAndPort(_ place: String) -> String {
  guard let colon = place.lastIndex(of: ":") else { return shellWord(place) }
  let host = place[..<colon].filter { $0 != "[" && $0 != "]" }
  return "\(shellWord(host)) \(shellWord(String(place[place.index(after: colon)...])))"
}

extension RedisFacts {
  /// The addresses of the name that nothing answers at while others answer. Those of IPv6 are left out: ioredis asks for
  /// IPv4 unless told otherwise, and other clients go on to the next.
  fileprivate var deadAddresses: [Address] {
    let dead = (addresses ?? []).filter { address in
      let kinds: [StepFailure.Kind] = [.connectionRefused, .timedOut, .other]
      return !address.address.hasPrefix("[") && address.address != self.address
        && address.failure.map { kinds.contains($0.kind) } == true
    }
    return dead.count < addresses?.count ?? 0 ? dead : []
  }
}
