import Facts
import Transport

/// Commands that go out in one write.
struct Questions {
  private(set) var commands: [RedisCommand] = []

  init(_ commands: [RedisCommand] = []) { self.commands = commands }

  /// Adds a command, and says at which place its reply will come.
  mutating func add(_ arguments: [String]) -> Int {
    commands.append(RedisCommand(arguments))
    return commands.count - 1
  }
}

/// The settings that checks read.
let settingNames = [
  "maxmemory-policy", "maxclients", "timeout", "tcp-keepalive", "client-output-buffer-limit",
  "min-replicas-to-write", "notify-keyspace-events", "save", "appendonly", "stop-writes-on-bgsave-error",
  "acl-pubsub-default", "stream-node-max-entries",
]

/// What is asked before anything is known of the server. PING comes first: a server that turns the connection away
/// answers one command, whatever it is. The name makes our connections known in CLIENT LIST and ACL LOG.
private let firstQuestionTexts: [[String]] =
  [["PING"], ["CLIENT", "SETNAME", ownClientName], ["CLIENT", "ID"], ["INFO"]]
  + settingNames.map { ["CONFIG", "GET", $0] } + [
    ["ACL", "WHOAMI"], ["ACL", "LOG", "128"], ["PUBSUB", "NUMPAT"],
  ]
let firstQuestions = firstQuestionTexts.map { RedisCommand($0) }
let ownClientName = "flowpanel-doctor"

/// The replies to the first questions, by their text.
struct Replies {
  private let result: RedisPipelineResult
  private let offset: Int
  private let target: RedisTarget

  init(_ result: RedisPipelineResult, after offset: Int, scrubbing target: RedisTarget) {
    self.result = result
    self.offset = offset
    self.target = target
  }

  /// The reply to a question; nil where none came.
  subscript(_ question: [String]) -> RedisReply? { result.reply(place(of: question)) }

  /// At which place of all replies the one to a question comes.
  func place(of question: [String]) -> Int {
    offset + (firstQuestionTexts.firstIndex(of: question) ?? firstQuestionTexts.count)
  }

  /// The name of the user who is connected; nil where the server has no users or does not say.
  var user: String? {
    if case .error? = self[["ACL", "WHOAMI"]] { return nil }
    return self[["ACL", "WHOAMI"]]?.text.map(bounded)
  }

  /// The connection's number in CLIENT LIST.
  var clientID: Int? { self[["CLIENT", "ID"]]?.integer }

  /// Why a question has no answer.
  func reason(_ question: [String], named name: String? = nil) -> Unseen {
    unseen(name ?? question.joined(separator: " "), self[question], result.failure, scrubbing: target)
  }

  /// What an answer says, or why there is none.
  func observe<Value>(_ question: [String], _ value: (RedisReply) -> Value?) -> Observation<Value> {
    if let reply = self[question], !reply.isError, let value = value(reply) { return .seen(value) }
    return .unseen(reason(question))
  }
}

/// Why a command has no answer that can be used.
func unseen(
  _ command: String, _ reply: RedisReply?, _ failure: RedisLinkFailure?, scrubbing target: RedisTarget
) -> Unseen {
  switch (reply, failure) {
  case (.error(let text)?, _): Unseen(.refused, "\(command) was refused: \(scrubbed(text, of: target))")
  case (_?, _): Unseen(.notUnderstood, "\(command) answered something other than expected")
  case (nil, .timedOut): Unseen(.timedOut, "\(command) was not answered in time")
  case (nil, .notRedis(let detail)):
    Unseen(.notUnderstood, "\(command) was not answered in a way to be read: \(detail)")
  case (nil, _): Unseen(.notReachable, "the connection broke before \(command) was answered")
  }
}

extension RedisReply {
  var isError: Bool { if case .error = self { true } else { false } }
  /// Whether it says that the user may not do this, or that there is no such command.
  var isRefusal: Bool {
    if case .error(let text) = self { text.hasPrefix("NOPERM") || text.hasPrefix("ERR unknown command") } else { false }
  }
  var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  /// The elements of an array; nil for everything else.
  var elements: [RedisReply]? { if case .array(let elements) = self { elements } else { nil } }
  /// A list of names and values as a dictionary (`XINFO STREAM`, `ACL LOG`).
  var fields: [String: RedisReply]? {
    guard let elements, elements.count % 2 == 0 else { return nil }
    var fields: [String: RedisReply] = [:]
    for index in stride(from: 0, to: elements.count, by: 2) {
      if let name = elements[index].text { fields[name] = elements[index + 1] }
    }
    return fields
  }
}

/// The longest text of a server that is kept.
let maximumTextBytes = 200

/// A server's text as it is kept.
func bounded(_ text: some StringProtocol) -> String {
  String(decoding: text.utf8.prefix(maximumTextBytes), as: UTF8.self)
}

/// What ACL LOG tells, without what came from connections or names of our own. Who failed to log in may have put a
/// password in the place of the user's name, and others' keys may hold anything: named are only the user who asks and the
/// default user, and what is the system's or was refused to the user who asks.
func denials(_ reply: RedisReply, toldTo ownUser: String?, _ needs: RedisNeeds) -> [RedisFacts.Denial]? {
  reply.elements?.compactMap { entry in
    guard let fields = entry.fields, let reason = fields["reason"]?.text else { return nil }
    let object = bounded(fields["object"]?.text ?? "")
    if object.contains(ownClientName) || fields["client-info"]?.text?.contains("name=\(ownClientName)") == true {
      return nil
    }
    let user = bounded(fields["username"]?.text ?? "")
    let isNamed = reason != "auth" || user == "default" || user == ownUser
    let age = fields["age-seconds"]?.text.flatMap { Double($0) }.flatMap { $0.isFinite ? $0 : nil } ?? 0
    let isShown = reason == "command" || reason != "auth" && (user == ownUser || needs.concern(object))
    return RedisFacts.Denial(
      reason: bounded(reason), object: isShown ? object : "", user: isNamed ? user : "",
      count: fields["count"]?.integer ?? 1, ageSeconds: age)
  }
}

/// The numbers of the connections in CLIENT LIST.
func clientNumbers(_ text: String) -> [Int] {
  text.split(whereSeparator: \.isNewline).compactMap { line in
    line.split(separator: " ").first { $0.hasPrefix("id=") }.flatMap { Int($0.dropFirst(3)) }
  }
}

/// The lines of CLIENT LIST, grouped by host, name and kind; our own are left out, by their name or their number.
func clientGroups(_ text: String, but own: [Int]) -> [RedisFacts.ClientGroup] {
  var groups: [[String]: RedisFacts.ClientGroup] = [:]
  for line in text.split(whereSeparator: \.isNewline) {
    var fields: [Substring: Substring] = [:]
    for pair in line.split(separator: " ") {
      let name = pair.prefix { $0 != "=" }
      fields[name] = pair.dropFirst(name.count + 1)
    }
    let name = bounded(fields["name"] ?? "")
    let isOwn = name == ownClientName || fields["id"].flatMap { Int($0) }.map(own.contains) == true
    guard let address = fields["addr"], !isOwn else { continue }
    let flags = fields["flags"] ?? ""
    let kind: RedisFacts.ClientGroup.Kind = flags.contains("S") ? .replica : flags.contains("P") ? .pubsub : .normal
    let host = bounded(address[..<(address.lastIndex(of: ":") ?? address.endIndex)])
    let output = fields["omem"].flatMap { Int($0) } ?? 0
    let key = [host, name, kind.rawValue]
    var group = groups[key] ?? RedisFacts.ClientGroup(host: host, name: name, kind: kind, count: 0)
    group.count += 1
    group.largestOutputBytes = max(group.largestOutputBytes, output)
    groups[key] = group
  }
  return groups.values.sorted {
    ($1.count, $0.host, $0.name, $0.kind.rawValue) < ($0.count, $1.host, $1.name, $1.kind.rawValue)
  }
}
