/// A channel of the run's own, which no application has: how each system's streams are asked for it, what it is called in
/// Redis, and what is published on it.
///
/// A system with fixed channels (TestPlanIt) has none: what is published there, a real user's browsers see, so that the
/// operator has to name whose.
public struct DriveChannel: Sendable, Equatable {
  /// The name by which streams are asked for it, `flowpanel-doctor.5f3a…`; every version of flowpanel takes it. What is
  /// published begins with it also where the channel has another name.
  public let name: String
  private let system: System
  /// The name of a channel that the application has fixed; nil for one of the run's own.
  private let fixedName: String?

  private static let prefix = "flowpanel-doctor."

  /// A channel of a system's.
  ///
  /// - Parameters:
  ///   - nonce: letters and digits that no other run has.
  ///   - fixedName: what a channel that the application has fixed is called in Redis.
  public init(of system: System, nonce: String, fixedName: String? = nil) {
    name = Self.prefix + nonce
    self.system = system
    self.fixedName = fixedName
  }

  /// Why a system's streams can't be made to bring something of the run's own; nil where they can.
  public static func obstacle(in system: System) -> String? {
    switch system {
    case .flowpanel, .redisStreams: nil
    case .testplanit:
      "testplanit's channels are those of real users, so nothing is published there unless --intrusive --channel NAME "
        + "says on whose: notifications:tenant:default:user:42"
    case .fluxstack, .flock: "\(system.rawValue) speaks WebSocket, so no event stream could bring what is published"
    }
  }

  /// Whether others may listen to it too, so that no more is published than shows that it arrives.
  public var isFixed: Bool { fixedName != nil }

  /// How many channels a stream takes: each version of flowpanel at least so many, and none after them.
  public static func maximumChannels(in system: System) -> Int { system == .flowpanel ? 25 : 1 }

  /// The channel that the stream of an index alone listens to, beside those with whom it shares a process.
  public func own(_ index: Int) -> String { Self.own(index, of: name) }

  /// The same for a run whose channel has this name.
  public static func own(_ index: Int, of name: String) -> String { "\(name).\(index)" }

  /// The index of the stream whose own channel has this name in Redis, under any prefix; nil for another channel.
  public static func ownIndex(in redisName: String, of name: String) -> Int? {
    guard let begin = redisName.firstRange(of: "\(name).")?.upperBound else { return nil }
    return Int(redisName[begin...])
  }

  /// The channel that a public stream and a direct one listen to and no other.
  public static func shared(_ publicIndex: Int, _ directIndex: Int, of name: String) -> String {
    "\(name).\(publicIndex)-\(directIndex)"
  }

  /// The channel of a further stream at an instance's own URL, which shares channels with the public streams that the first
  /// has no room for; nil for the first one's. Without a subscriber nothing is known of what it shares.
  ///
  /// - Parameter ordinal: which of the public streams it is, from 0.
  public static func helper(_ directIndex: Int, forPublic ordinal: Int, of name: String) -> String? {
    ordinal < sharedByFirst ? nil : "\(name).\(directIndex)_\((ordinal - sharedByFirst) / sharedByHelper)"
  }

  /// How many channels a stream of flowpanel shares, beside the run's, its own and the burst's.
  public static let sharedByFirst = maximumChannels(in: .flowpanel) - 3
  private static let sharedByHelper = maximumChannels(in: .flowpanel) - 2

  /// The channel on which many messages come at once.
  public var burst: DriveChannel { DriveChannel(of: system, nonce: "\(name.dropFirst(Self.prefix.count)).burst") }

  /// The URL that opens a stream with this channel, and with more of the run's own: beside those that the URL names, or in
  /// place of the one that it is about.
  public func url(of stream: String, with further: [String] = []) -> String {
    let path = stream.prefix { $0 != "?" && $0 != "#" }
    let rest = stream[path.endIndex...].prefix { $0 != "#" }
    switch system {
    // First, for a stream takes 25 channels at most.
    case .flowpanel:
      let channels = ([name] + further).map { "channel=\($0)" }.joined(separator: "&")
      return "\(path)?\(channels)" + (rest.count > 1 ? "&\(rest.dropFirst())" : "")
    case .redisStreams:
      let origin = path.firstRange(of: "://")?.upperBound ?? path.startIndex
      let slash = path[origin...].lastIndex(of: "/")
      return "\(slash.map { path[..<$0] } ?? path)/\(name)\(rest)"
    case .testplanit, .fluxstack, .flock: return stream
    }
  }

  /// What the channel is called in Redis by the system's versions.
  public func redisNames(keyPrefix: String?) -> [String] { fixedName.map { [$0] } ?? redisNames(of: name, keyPrefix) }

  /// The names as the patterns of an ACL's rule, good for every run.
  public func redisPatterns(keyPrefix: String?) -> [String] {
    fixedName.map { [$0] } ?? redisNames(of: Self.prefix + "*", keyPrefix)
  }

  /// All names in Redis that a channel of the run may have under a prefix that is not known (PUBSUB CHANNELS).
  public var redisGlob: String { fixedName ?? "*\(name)*" }

  /// What a channel of the run's is called.
  public func redisNames(of name: String, _ keyPrefix: String?) -> [String] {
    var names: [String]
    switch system {
    case .flowpanel:
      names = [name, "\(keyPrefix ?? "flowpanel"):\(name)", "fp:custom:\(name)"]
      if let keyPrefix, keyPrefix != "fp" { names.append("\(keyPrefix):custom:\(name)") }
    case .redisStreams: names = ["sse:channel:\(name)"]
    case .testplanit, .fluxstack, .flock: names = []
    }
    return names
  }

  /// What is published: as small as the system's own messages, and with a number that streams can be searched for.
  ///
  /// - Parameters:
  ///   - number: the message's number; nil for one that asks whether anybody listens.
  ///   - unixMilliseconds: the time, which entry IDs of Redis streams begin with.
  public func message(_ number: Int?, unixMilliseconds: Int64) -> String {
    let id = "\(name)\(number.map { ":\($0)" } ?? "")"
    if system == .testplanit { return #"{"id":"\#(id)","event":"notification"}"# }
    let payload = #"{"action":"update","id":"\#(id)"}"#
    guard system == .redisStreams else { return payload }
    let data = payload.replacing("\"", with: "\\\"")
    return #"{"id":"\#(unixMilliseconds)-\#(number ?? 0)","type":"message","data":"\#(data)"}"#
  }
}
