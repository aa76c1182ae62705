/// A channel of the run's own, which no application has: how each system's streams are asked for it, what it is called in
/// Redis, and what is published on it.
///
/// A system with fixed channels (TestPlanIt) has none: what is published there, real users see.
public struct DriveChannel: Sendable, Equatable {
  /// The name by which streams are asked for it, `flowpanel-doctor.5f3a…`; every version of flowpanel takes it.
  public let name: String
  private let system: System

  private static let prefix = "flowpanel-doctor."

  /// A channel of a system's.
  ///
  /// - Parameter nonce: letters and digits that no other run has.
  public init(of system: System, nonce: String) {
    name = Self.prefix + nonce
    self.system = system
  }

  /// Why a system's streams can't be made to bring something of the run's own; nil where they can.
  public static func obstacle(in system: System) -> String? {
    switch system {
    case .flowpanel, .redisStreams: nil
    case .testplanit: "testplanit's channels are those of real users, so nothing is published there"
    case .fluxstack, .flock: "\(system.rawValue) speaks WebSocket, so no event stream could bring what is published"
    }
  }

  /// The URL that opens a stream with this channel: beside those that the URL names, or in place of the one that it is
  /// about.
  public func url(of stream: String) -> String {
    let path = stream.prefix { $0 != "?" && $0 != "#" }
    let rest = stream[path.endIndex...].prefix { $0 != "#" }
    switch system {
    // First, for a stream takes 25 channels at most.
    case .flowpanel: return "\(path)?channel=\(name)" + (rest.count > 1 ? "&\(rest.dropFirst())" : "")
    case .redisStreams:
      let origin = path.firstRange(of: "://")?.upperBound ?? path.startIndex
      let slash = path[origin...].lastIndex(of: "/")
      return "\(slash.map { path[..<$0] } ?? path)/\(name)\(rest)"
    case .testplanit, .fluxstack, .flock: return stream
    }
  }

  /// What the channel is called in Redis by the system's versions.
  public func redisNames(keyPrefix: String?) -> [String] { redisNames(of: name, keyPrefix) }

  /// The names as the patterns of an ACL's rule, good for every run.
  public func redisPatterns(keyPrefix: String?) -> [String] { redisNames(of: Self.prefix + "*", keyPrefix) }

  private func redisNames(of name: String, _ keyPrefix: String?) -> [String] {
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
    let payload = #"{"action":"update","id":"\#(name)\#(number.map { ":\($0)" } ?? "")"}"#
    guard system == .redisStreams else { return payload }
    let data = payload.replacing("\"", with: "\\\"")
    return #"{"id":"\#(unixMilliseconds)-\#(number ?? 0)","type":"message","data":"\#(data)"}"#
  }
}
