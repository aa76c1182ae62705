/// A place in Redis where the instances of a fleet leave one small document each, for a gate that reads them all.
///
/// An index, a sorted set, holds the instances' names with the times of their publishing, in Unix milliseconds by the
/// publisher's own clock. Each document is a string with an expiry, and the server's clock alone decides whether it is
/// fresh. All keys of a deploy carry one hash tag, and so lie in one slot of a cluster (redis.io/docs: cluster
/// specification, hash tags).
public struct Rendezvous: Sendable, Equatable {
  /// What all keys begin with.
  public let prefix: String
  /// What the instances have in common: a commit, a release.
  public let deploy: String
  /// How long a document is fresh.
  public let timeToLive: Duration

  /// The longest document, in bytes.
  public static let maximumDocumentBytes = 1024 * 1024
  /// The longest name of an instance, in bytes.
  public static let maximumNameBytes = 255
  /// How many instances are read.
  public static let maximumInstances = 100_000
  /// How many bytes of documents are read in all.
  public static let maximumBytes = 256 * 1024 * 1024

  /// A rendezvous.
  ///
  /// - Throws: `RendezvousNameError` where a name or a time does not fit into keys and rules of Redis.
  public init(
    prefix: String = "flowpanel-doctor:env", deploy: String = "current", timeToLive: Duration = .seconds(3600)
  ) throws(RendezvousNameError) {
    let isPlain = prefix.utf8.allSatisfy { (0x2D...0x3A).contains($0) || isLetterOrUnderscore($0) }
    guard isPlain, (1...100).contains(prefix.utf8.count) else {
      throw RendezvousNameError(
        reason: "the prefix is not 1 to 100 letters, digits and . _ - : / (others mean something in an ACL's patterns)")
    }
    guard deploy.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != 0x7B && $0 != 0x7D }),
      (1...200).contains(deploy.utf8.count)
    else {
      throw RendezvousNameError(
        reason: "the deploy's name is not 1 to 200 visible ASCII characters other than { and }; try the commit's id")
    }
    guard timeToLive >= .milliseconds(1), timeToLive <= .seconds(366 * 86_400) else {
      throw RendezvousNameError(reason: "the time to live is not between 1ms and 366 days")
    }
    self.prefix = prefix
    self.deploy = deploy
    self.timeToLive = timeToLive
  }

  /// How long an instance stays in the index after it has last published: a day, or four times the time to live where
  /// that is more. Until then it is known to be stale rather than missing. Here alone the publishers' clocks count: one
  /// that is ahead by all that time makes others missing, and one that is behind is missing itself.
  public var keepTime: Duration { max(.seconds(86_400), timeToLive * 4) }

  /// The key of the index.
  public var indexKey: String { "\(prefix):{\(deploy)}:index" }

  /// The key of an instance's document.
  public func documentKey(_ instance: String) -> String { "\(prefix):{\(deploy)}:instance:\(instance)" }

  /// Why a text can't be an instance's name; nil where it can.
  public static func problem(withInstance name: String) -> String? {
    if name.isEmpty { return "the instance's name is empty" }
    if name.utf8.count > maximumNameBytes { return "the instance's name is longer than \(maximumNameBytes) bytes" }
    let isVisible = name.unicodeScalars.allSatisfy { scalar in
      ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
    }
    return isVisible ? nil : "the instance's name has characters that cannot be seen"
  }
}

/// A name or a time that a rendezvous can't have.
public struct RendezvousNameError: Error, Sendable, Equatable {
  /// What is wrong and what was expected.
  public var reason: String
}

/// What a user of Redis needs at a rendezvous.
enum RendezvousAccess {
  case publish, read

  /// The commands, as a rule of an ACL names them.
  private var commands: [String] {
    switch self {
    case .publish: ["set", "zadd", "zremrangebyscore", "pexpire"]
    case .read: ["zscan", "strlen", "get"]
    }
  }

  /// The command that lets the user of a target in (redis.io/commands/acl-setuser).
  func grant(_ rendezvous: Rendezvous, to target: RedisTarget) -> String {
    target.rule(for: commands, on: ["~\(rendezvous.prefix):*"])
  }
}

extension RedisTarget {
  /// The command that lets its user run commands on keys and channels (redis.io/commands/acl-setuser).
  func rule(for commands: [String], on patterns: [String]) -> String {
    // A user's name that comes without a password is not used, and more likely a password in the wrong place.
    let user = password == nil ? "default" : username?.reveal() ?? "default"
    let shown = user.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? user : "USER"
    let commands = commands + (endpoint.database == 0 ? [] : ["select"])
    return (["ACL SETUSER \(shown)"] + patterns.map { "'\($0)'" } + commands.map { "+\($0)" }).joined(separator: " ")
  }
}

private func isLetterOrUnderscore(_ byte: UInt8) -> Bool { byte == 0x5F || (0x61...0x7A).contains(byte | 0x20) }
