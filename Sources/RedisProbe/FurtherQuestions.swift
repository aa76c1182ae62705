import Facts
import Transport

/// Above these, a list costs a busy server more than it is worth.
private let maximumListedClients = 2_000
private let maximumListedChannels = 10_000
/// How many streams are looked at, and how many keys SCAN goes through for each answer and in all.
private let maximumStreams = 100
private let scanBudget = 1_000
private let scanSteps = 50
/// How many names of streams are held. Who sends more in 50 answers is no Redis.
private let maximumNames = 100_000

/// The questions that hang on what the first ones were answered.
struct SecondQuestions {
  private var questions = Questions()
  private let permissions: PermissionQuestions
  private let needs: RedisNeeds
  private let system: System
  private var dryRuns: Range<Int>
  private var clients: Int?
  private var whyNoClients: Unseen?
  private var channels: [(pattern: String, place: Int)] = []
  private var whyNoChannels: Unseen?
  private var cluster: (info: Int, nodes: Int)?
  private var scan: Int?
  private var patternSubscriptions: Int
  /// What the answers lead to.
  private(set) var channelNames: [String]?
  private(set) var isTruncated = false
  private var found: Set<String> = []
  /// Where SCAN goes on; nil where it is done.
  private var cursor: String?
  /// Whether SCAN was asked and answered, as far as it was.
  private var hasScanned = false
  private(set) var needsTransaction = false
  private(set) var clientList: String?

  var commands: [RedisCommand] { questions.commands }
  /// The patterns of the system's channels; flowpanel's documentation names one more.
  var patterns: [String] { needs.channels + (system == .flowpanel && !needs.channels.contains("fp:*") ? ["fp:*"] : []) }
  var numberOfPatterns: Int { patternSubscriptions }
  /// The streams to look at.
  var streamKeys: [String]? { hasScanned ? Array(found.sorted().prefix(maximumStreams)) : nil }

  init(
    _ permissions: PermissionQuestions, system: System, needs: RedisNeeds, about facts: RedisFacts, _ replies: Replies
  ) {
    self.permissions = permissions
    self.needs = needs
    self.system = system
    dryRuns = 0..<0
    patternSubscriptions = replies[["PUBSUB", "NUMPAT"]]?.integer ?? 0
    if replies.user != nil {
      for command in permissions.dryRuns { _ = questions.add(command) }
      dryRuns = 0..<questions.commands.count
    }
    let numbers = facts.server.value?.numbers ?? [:]
    switch numbers["connected_clients"] {
    case .some(let count) where count <= maximumListedClients: clients = questions.add(["CLIENT", "LIST"])
    case .some(let count):
      whyNoClients = Unseen(.notAttempted, "with \(count) clients, CLIENT LIST costs the server too much")
    case nil: whyNoClients = Unseen(.notAttempted, "INFO does not say how many clients there are to list")
    }
    switch numbers["pubsub_channels"] {
    case .some(let count) where count > maximumListedChannels:
      whyNoChannels = Unseen(.notAttempted, "with \(count) channels, PUBSUB CHANNELS costs the server too much")
    case .some:
      for pattern in patterns { channels.append((pattern, questions.add(["PUBSUB", "CHANNELS", pattern]))) }
    case nil: whyNoChannels = Unseen(.notAttempted, "INFO does not say how many channels there are to list")
    }
    if facts.server.value?.mode == "cluster" {
      cluster = (questions.add(["CLUSTER", "INFO"]), questions.add(["CLUSTER", "NODES"]))
    }
    if system == .redisStreams {
      scan = questions.add(["SCAN", "0", "MATCH", "sse:*", "COUNT", "\(scanBudget)", "TYPE", "stream"])
    }
  }

  /// Takes the answers.
  mutating func read(_ result: RedisPipelineResult, into record: inout ProbeRecord, scrubbing target: RedisTarget) {
    let known = dryRuns.isEmpty ? nil : permissions.answers(toDryRuns: dryRuns.map { result.reply($0) })
    if let known {
      record.facts.permissions = .seen(known)
    } else if result.failure == nil {
      needsTransaction = true
    } else {
      record.facts.permissions = .unseen(unseen("ACL DRYRUN", nil, result.failure, scrubbing: target))
    }

    if let clients {
      let reply = result.reply(clients)
      clientList = reply?.isError == true ? nil : reply?.text
      record.facts.clients =
        clientList.map { .seen(clientGroups($0, but: [])) }
        ?? .unseen(unseen("CLIENT LIST", reply, result.failure, scrubbing: target))
    } else if let whyNoClients {
      record.facts.clients = .unseen(whyNoClients)
    }

    if let whyNoChannels {
      record.facts.channels = .unseen(whyNoChannels)
    } else {
      let lists = channels.map { result.reply($0.place)?.elements }
      if let missing = lists.firstIndex(where: { $0 == nil }) {
        let (pattern, place) = channels[missing]
        record.facts.channels = .unseen(
          unseen("PUBSUB CHANNELS \(pattern)", result.reply(place), result.failure, scrubbing: target))
      } else {
        let all = lists.flatMap { $0 ?? [] }.compactMap(\.text)
        let names = Set(all.filter { $0.utf8.count <= maximumTextBytes })
        isTruncated = names.count > RedisFacts.Channels.limit
        channelNames = Array(names.sorted().prefix(RedisFacts.Channels.limit))
      }
    }
    if let cluster {
      record.facts.cluster = clusterFacts(
        result.reply(cluster.info), result.reply(cluster.nodes), result.failure, scrubbing: target)
    }
    if let scan { take(scan: result.reply(scan), result.failure, into: &record, scrubbing: target) }
  }

  private mutating func take(
    scan reply: RedisReply?, _ failure: RedisLinkFailure?, into record: inout ProbeRecord,
    scrubbing target: RedisTarget
  ) {
    guard let parts = reply?.elements, parts.count == 2, let keys = parts[1].elements, let next = parts[0].text else {
      (cursor, hasScanned) = (nil, false)
      record.facts.streams = .unseen(unseen("SCAN", reply, failure, scrubbing: target))
      return
    }
    hasScanned = true
    found.formUnion(keys.compactMap(\.text).filter { $0.utf8.count <= maximumTextBytes })
    cursor = next == "0" || found.count > maximumNames ? nil : next
  }

  /// Goes on with SCAN as far as the budget goes. What it did not come to is not known to have no streams.
  mutating func scan(
    _ link: RedisLink, into record: inout ProbeRecord, scrubbing target: RedisTarget, within timeout: Duration
  ) async {
    var steps = 1
    while let from = cursor, steps < scanSteps {
      steps += 1
      let command = ["SCAN", from, "MATCH", "sse:*", "COUNT", "\(scanBudget)", "TYPE", "stream"]
      let result = await link.send([RedisCommand(command)], within: timeout)
      take(scan: result.reply(0), result.failure, into: &record, scrubbing: target)
    }
    guard hasScanned else { return }
    if cursor != nil {
      let scanned = "SCAN went through some \(scanSteps * scanBudget) keys, and there are more"
      if found.isEmpty {
        hasScanned = false
        record.facts.streams = .unseen(Unseen(.notAttempted, "\(scanned); no stream sse:* is among these"))
      } else {
        record.facts.unseenStreams = Unseen(.notAttempted, scanned)
      }
    } else if found.count > maximumStreams {
      record.facts.unseenStreams = Unseen(
        .notAttempted, "of \(found.count) streams, the first \(maximumStreams) were looked at")
    } else if record.facts.server.value?.mode == "cluster" {
      record.facts.unseenStreams = Unseen(
        .notAttempted, "each node of a cluster holds streams of its own, and only this one was asked")
    }
  }
}

/// The questions that hang on the answers to the second ones: subscribers and streams.
struct ThirdQuestions {
  private var questions = Questions()
  private var subscribers: Int?
  private var names: [String]
  private var channels: RedisFacts.Channels?
  private var streams: [(key: String, place: Int)]?

  var commands: [RedisCommand] { questions.commands }

  init(after second: SecondQuestions) {
    names = second.channelNames ?? []
    if second.channelNames != nil {
      channels = RedisFacts.Channels(
        [], patterns: second.patterns, patternSubscriptions: second.numberOfPatterns, isTruncated: second.isTruncated)
      // Also with no channel: an empty answer says that it is allowed to ask.
      subscribers = questions.add(["PUBSUB", "NUMSUB"] + names)
    }
    streams = second.streamKeys.map { keys in
      keys.map { key in
        let place = questions.add(["XINFO", "STREAM", key])
        _ = questions.add(["TTL", key])
        _ = questions.add(["PUBSUB", "NUMSUB", streamChannel(key)])
        return (key, place)
      }
    }
  }

  /// Takes the answers.
  mutating func read(_ result: RedisPipelineResult, into record: inout ProbeRecord, scrubbing target: RedisTarget) {
    if var channels, let subscribers {
      if let counts = result.reply(subscribers)?.fields {
        channels.channels = names.map { RedisFacts.Channels.Channel($0, subscribers: counts[$0]?.integer ?? 0) }
        record.facts.channels = .seen(channels)
      } else {
        record.facts.channels = .unseen(
          unseen("PUBSUB NUMSUB", result.reply(subscribers), result.failure, scrubbing: target))
      }
    }
    if let streams {
      let found = streams.compactMap { stream($0.key, $0.place, result) }
      func why(_ isMissing: (Int) -> Bool) -> Unseen? {
        streams.first { isMissing($0.place) }.map {
          unseen("XINFO STREAM \($0.key)", result.reply($0.place), result.failure, scrubbing: target)
        }
      }
      // Some may have gone since. That one can't be read, or that an answer is missing, is a reason.
      let refused = why { place in
        if case .error(let text)? = result.reply(place) { !text.hasPrefix("ERR no such key") } else { false }
      }
      let unanswered = why { result.reply($0 + 2) == nil }
      record.facts.streams = (unanswered ?? (found.isEmpty ? refused : nil)).map { .unseen($0) } ?? .seen(found)
      if !found.isEmpty, let refused { record.facts.unseenStreams = refused }
    }
  }

  private func stream(_ key: String, _ place: Int, _ result: RedisPipelineResult) -> RedisFacts.Stream? {
    guard let fields = result.reply(place)?.fields, let length = fields["length"]?.integer else { return nil }
    let ttl = result.reply(place + 1)?.integer
    return RedisFacts.Stream(
      key, length: length, entriesAdded: fields["entries-added"]?.integer,
      firstID: fields["first-entry"]?.elements?.first?.text ?? "",
      lastID: fields["last-generated-id"]?.text.flatMap { $0 == "0-0" ? nil : $0 } ?? "",
      ttlSeconds: ttl.flatMap { $0 >= 0 ? $0 : nil },
      subscribers: result.reply(place + 2)?.elements?.last?.integer)
  }
}

/// The pub/sub channel that goes with a stream: `sse:news` and `sse:channel:news`.
private func streamChannel(_ key: String) -> String { "sse:channel:" + key.dropFirst("sse:".count) }
