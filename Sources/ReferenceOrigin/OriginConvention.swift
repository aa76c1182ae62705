/// What flowpanel's versions call their channels in Redis, and how they pass a payload on.
public enum OriginConvention: String, Sendable, CaseIterable {
  /// `resource.users` as it is, and the payload itself as data: flowpanel as it was published in May 2026.
  case verbatim
  /// `flowpanel:resource.users`, and the channel's name beside the payload: later versions. At most 25 channels a stream,
  /// with names of letters, digits and `_.:-`; others are dropped without a word.
  case prefixed
  /// `fp:resource:users` and `fp:custom:name`, as flowpanel's guide has them, and the payload itself as data.
  case documented

  /// The channels that a stream gets of those that its client asks for.
  func accepted(_ names: [String]) -> [String] {
    guard self == .prefixed else { return names }
    return names.prefix(25).filter { name in
      (1...128).contains(name.utf8.count)
        && name.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            || "_.:-".utf8.contains(byte)
        }
    }
  }

  /// A channel's name in Redis.
  func wireName(of channel: String, prefix: String?) -> String {
    switch self {
    // A prefix is accepted there, and ignored.
    case .verbatim: return channel
    case .prefixed: return "\(prefix ?? "flowpanel"):\(channel)"
    case .documented:
      let resource = "resource."
      let name = channel.hasPrefix(resource) ? "resource:\(channel.dropFirst(resource.count))" : "custom:\(channel)"
      return "\(prefix ?? "fp"):\(name)"
    }
  }

  /// The event that a stream gets.
  func event(on channel: String, _ payload: ChannelPayload) -> String {
    let json = payload.json
    let data =
      switch self {
      case .verbatim, .documented: json ?? ""
      case .prefixed:
        "{\"channel\":\(jsonString(channel))" + (json.map { ",\"payload\":\($0)" } ?? "") + "}"
      }
    return "event: message\ndata: \(data)\n\n"
  }
}
