/// What a channel of the run's own is called in Redis by whoever subscribes to it: the versions of a system differ in that,
/// and instances that differ in it never hear each other.
public struct WireName: Sendable, Hashable {
  /// The forms that are known.
  public enum Form: Sendable, Hashable {
    /// The channel's name as it is (flowpanel up to 0.2), or that of an application's own channel.
    case verbatim
    /// A prefix and a colon before it (flowpanel from 0.3 on).
    case prefixed(String)
    /// As flowpanel's documentation has it, `fp:custom:` before it.
    case documented(String)
    /// As the guide on Redis Streams has it, `sse:channel:` before it.
    case streams
  }

  /// Which of them it is.
  public let form: Form

  /// The name of a channel in Redis; nil where it is that of another one.
  public init?(_ name: String, of channel: String) {
    if name == channel {
      form = .verbatim
      return
    }
    guard name.hasSuffix(":\(channel)") else { return nil }
    let before = name.dropLast(channel.count + 1)
    if before == "sse:channel" {
      form = .streams
    } else if before.hasSuffix(":custom") {
      form = .documented(String(before.dropLast(":custom".count)))
    } else {
      form = .prefixed(String(before))
    }
  }

  /// The name of a channel of the application's own.
  static let ofApplication = WireName(form: .verbatim)

  private init(form: Form) { self.form = form }

  /// The form in words, after "under": `the prefix flowpanel (versions from 0.3 on)`.
  public var words: String {
    switch form {
    case .verbatim: "names without a prefix (versions up to 0.2)"
    case .prefixed(let prefix): "the prefix \(prefix) (versions from 0.3 on)"
    case .documented(let prefix): "names that begin with \(prefix):custom (as documented)"
    case .streams: "names that begin with sse:channel"
    }
  }

  /// The form in words, beside another one of the same convention.
  public var prefixWords: String {
    switch form {
    case .verbatim, .streams: words
    case .prefixed(let prefix): "the prefix \(prefix)"
    case .documented(let prefix): "the prefix \(prefix):custom"
    }
  }

  /// Whether both are of one version, whatever the prefix.
  public func isOfOneConvention(with other: WireName) -> Bool {
    switch (form, other.form) {
    case (.verbatim, .verbatim), (.prefixed, .prefixed), (.documented, .documented), (.streams, .streams): true
    default: false
    }
  }
}
