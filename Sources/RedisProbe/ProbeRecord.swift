import Facts
import Transport

/// What one attempt has seen so far: the steps in order, and what the server answered.
struct ProbeRecord {
  var facts: RedisFacts
  private let needs: RedisNeeds
  private let progress: RedisProbe.Progress?

  /// A record that begins with the phases of the connection that worked.
  init(_ target: RedisTarget, phases: ConnectionPhases, for probe: RedisProbe, _ progress: RedisProbe.Progress? = nil) {
    self.progress = progress
    needs = probe.system.redisNeeds(keyPrefix: probe.keyPrefix.value ?? nil)
    let notReached = RedisFacts.notReached
    facts = RedisFacts(
      endpoint: target.endpoint, address: probe.proxy == nil ? phases.address : nil, steps: [],
      otherSide: .unseen(Unseen(.notAttempted, "there was no reason to try the other kind of connection")),
      server: .unseen(notReached), policy: .unseen(notReached))
    facts.scheme = target.scheme
    if probe.asksAddresses(of: target.endpoint) { facts.unaskedAddresses = notReached }
    facts.proxy = probe.proxy
    if target.endpoint.usesTLS {
      facts.tlsClient = RedisFacts.TLSClient(
        caFile: probe.tls.caFile, certificateFile: probe.tls.certificateFile, keyFile: probe.tls.keyFile,
        serverName: probe.tls.serverName)
    }
    facts.roundTrip = .unseen(notReached)
    facts.settings = .unseen(notReached)
    facts.clients = .unseen(notReached)
    facts.permissions = .unseen(notReached)
    facts.denials = .unseen(notReached)
    facts.channels = .unseen(notReached)
    if probe.system == .redisStreams { facts.streams = .unseen(notReached) }
    if probe.isActive { facts.delivery = .unseen(notReached) }
    if probe.isIntrusive, probe.system == .flock { facts.expiryEvent = .unseen(notReached) }
    var before = 0.0
    for (step, end) in [
      (RedisFacts.Step.nameLookup, phases.nameLookup), (.connect, phases.connect), (.tls, phases.tls),
    ] {
      // The name that was looked up is the proxy's.
      guard let end, step != .nameLookup || probe.proxy == nil else { continue }
      facts.steps.append(RedisFacts.StepResult(step, milliseconds: max(0, end - before)))
      before = end
    }
  }

  /// Tells what is known so far.
  func show() { progress?(facts) }

  /// The failure of the last step, if it failed.
  var lastFailure: RedisFacts.StepFailure? { facts.steps.last?.failure }

  /// Adds a step that failed.
  mutating func fail(_ step: RedisFacts.Step, _ failure: RedisFacts.StepFailure, milliseconds: Double) {
    let before = facts.steps.reduce(0) { $0 + $1.milliseconds }
    facts.steps.append(RedisFacts.StepResult(step, milliseconds: max(0, milliseconds - before), failure: failure))
  }

  /// Adds the step that the reply at `index` decides, and says whether it went well.
  mutating func take(
    _ step: RedisFacts.Step, _ result: RedisPipelineResult, _ index: Int, scrubbing target: RedisTarget,
    answers failureOf: (String) -> RedisFacts.StepFailure?
  ) -> Bool {
    var failure: RedisFacts.StepFailure?
    var note: String?
    if let reply = result.reply(index) {
      if case .error(let text) = reply {
        // What it means is told by the server's own words, which a password may be part of.
        failure = failureOf(text)
        let words = step == .authenticate ? authWords(text, of: target) : scrubbed(text, of: target)
        failure?.detail = words
        note = failure == nil ? words : nil
      }
    } else {
      failure = (result.failure ?? .closed("no answer came")).stepFailure(afterMilliseconds: result.milliseconds)
    }
    let elapsed = index < result.exchanges.count ? result.exchanges[index].milliseconds : result.milliseconds
    facts.steps.append(RedisFacts.StepResult(step, milliseconds: elapsed, failure: failure, note: note))
    return failure == nil
  }

  /// Takes what the first questions answered; a refusal of one leaves the others.
  mutating func read(_ replies: Replies) {
    facts.server = replies.observe(["INFO"]) { $0.text.map { server(infoFields($0)) } }
    facts.settings = settings(replies)
    let policy = ["CONFIG", "GET", "maxmemory-policy"]
    if let name = facts.settings?.value?["maxmemory-policy"] {
      facts.policy = .seen(RedisFacts.Policy(name, source: policy.joined(separator: " ")))
    } else if let name = replies[["INFO"]]?.text.map(infoFields)?["maxmemory_policy"] {
      facts.policy = .seen(RedisFacts.Policy(name, source: "INFO memory"))
    } else {
      var unseen = replies.reason(policy)
      unseen.detail +=
        facts.server.value == nil ? ", and INFO was not readable either" : ", and INFO does not show the policy"
      facts.policy = .unseen(unseen)
    }
    facts.denials = replies.observe(["ACL", "LOG", "128"]) { denials($0, toldTo: replies.user, needs) }
  }

  /// The settings that CONFIG GET shows; the first refusal where it shows none.
  private func settings(_ replies: Replies) -> Observation<[String: String]> {
    var found: [String: String] = [:]
    var refusal: Unseen?
    for name in settingNames {
      let command = ["CONFIG", "GET", name]
      if case .array(let pair)? = replies[command] {
        if pair.count == 2, let value = pair[1].text { found[name] = bounded(value) }
      } else {
        refusal = refusal ?? replies.reason(command, named: "CONFIG GET")
      }
    }
    return refusal.map { found.isEmpty ? .unseen($0) : .seen(found) } ?? .seen(found)
  }
}

/// More than any server has.
private let maximumFields = 2_000

/// The fields of an INFO reply: `name:value` lines, sections and comments passed over (redis.io/commands/info).
func infoFields(_ text: String) -> [String: String] {
  var fields: [String: String] = [:]
  for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
    let name = line.prefix { $0 != ":" }
    if name.count < line.count, fields.count < maximumFields {
      fields[bounded(name)] = bounded(line.dropFirst(name.count + 1))
    }
  }
  return fields
}

private func server(_ fields: [String: String]) -> RedisFacts.Server {
  let isValkey = fields["server_name"] == "valkey" || fields["valkey_version"] != nil
  let master = fields["master_host"].map { "\($0):\(fields["master_port"] ?? "?")" }
  var server = RedisFacts.Server(
    product: isValkey ? "valkey" : "redis", version: fields["valkey_version"] ?? fields["redis_version"] ?? "",
    runID: fields["run_id"] ?? "", mode: fields["redis_mode"] ?? "", role: fields["role"] ?? "",
    masterAddress: master, masterLinkIsUp: fields["master_link_status"].map { $0 == "up" },
    maxmemoryBytes: fields["maxmemory"].flatMap { Int($0) }, evictedKeys: fields["evicted_keys"].flatMap { Int($0) })
  server.numbers = fields.compactMapValues { Int($0) }
  server.lastSaveWorked = fields["rdb_last_bgsave_status"].map { $0 == "ok" }
  // INFO counts refusals under errorstat_NOPERM:count=3.
  for (name, value) in fields where name.hasPrefix("errorstat_") && value.hasPrefix("count=") {
    server.numbers?[name] = Int(value.dropFirst("count=".count))
  }
  return server
}

// MARK: - What the server's errors mean

/// The answers to AUTH that Redis gives word for word, whatever the credentials are: to cross a password out of one would
/// tell it.
private let fixedAnswers: Set<String> = [
  "WRONGPASS invalid username-password pair", "WRONGPASS invalid username-password pair or user is disabled.",
  "ERR invalid password", "ERR Client sent AUTH, but no password is set",
  "ERR AUTH <password> called without any password configured for the default user. "
    + "Are you sure your configuration is correct?",
]

/// An AUTH error's words without credentials.
func authWords(_ text: String, of target: RedisTarget) -> String {
  fixedAnswers.contains(text) ? text : scrubbed(text, of: target)
}

/// The failure that an AUTH error means; nil for the one error that clients pass over.
func authFailure(_ text: String) -> RedisFacts.StepFailure? {
  // A password for a server that wants none: ioredis warns and goes on, so this is no failure.
  if text.contains("no password is set") || text.contains("without any password configured") { return nil }
  if text.hasPrefix("WRONGPASS") || text.contains("invalid password") || text.contains("invalid username-password") {
    return RedisFacts.StepFailure(.wrongCredentials, text)
  }
  return errorFailure(text)
}

/// The failure that an error reply means (the first word is its code).
func errorFailure(_ text: String) -> RedisFacts.StepFailure {
  let kind: RedisFacts.StepFailure.Kind =
    switch text.prefix(while: { $0 != " " }) {
    case "NOAUTH": .credentialsRequired
    case "WRONGPASS": .wrongCredentials
    case "NOPERM": .commandRefused
    default: text.hasPrefix("ERR unknown command") ? .commandRefused : .serverError
    }
  return RedisFacts.StepFailure(kind, text)
}

/// A server's words without credentials: an unknown command's error repeats its arguments, and AUTH may be renamed.
func scrubbed(_ text: String, of target: RedisTarget) -> String {
  var text = text
  if let echo = text.firstRange(of: ", with args beginning with") { text = String(text[..<echo.lowerBound]) }
  for secret in [target.password, target.username].compactMap({ $0?.reveal() }) where secret.count > 3 {
    text = text.redacting(secret)
  }
  return text.utf8.count > maximumTextBytes ? bounded(text) + "…" : text
}

extension RedisLinkFailure {
  func stepFailure(afterMilliseconds milliseconds: Double) -> RedisFacts.StepFailure {
    switch self {
    case .timedOut: RedisFacts.StepFailure(.timedOut, "no answer within \(Int(milliseconds.rounded())) ms")
    case .closed(let detail): RedisFacts.StepFailure(.closed, detail)
    case .notRedis(let detail):
      RedisFacts.StepFailure(.notRedis, "what came back is not the Redis protocol (\(detail))")
    }
  }
}

extension TransportFailure {
  /// The same failure in the words of the Redis facts.
  func stepFailure(within timeout: Duration) -> RedisFacts.StepFailure {
    let words = kind == .timedOut ? "no answer within \(Int(timeout.milliseconds)) ms" : detail
    return RedisFacts.StepFailure(RedisFacts.StepFailure.Kind(rawValue: kind.rawValue) ?? .other, words)
  }
}

extension RedisPipelineResult {
  /// The reply to the command at `index`, if it came.
  func reply(_ index: Int) -> RedisReply? {
    index < exchanges.count ? exchanges[index].reply : nil
  }

  /// Why one of the first commands, which enter with credentials, did not go well; nil where they all did.
  func entryFailure(_ count: Int, of target: RedisTarget) -> RedisFacts.StepFailure? {
    for exchange in exchanges.prefix(count) {
      if case .error(let text) = exchange.reply, let failure = authFailure(scrubbed(text, of: target)) {
        return failure
      }
    }
    return nil
  }
}
