/// Why a reference origin did not start.
public enum OriginFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// A setting that no answer could be made from.
  case unusable(setting: String, reason: String)
  /// The address could not be listened on: taken, not ours, or not a name that resolves.
  case cannotListen(host: String, port: Int, reason: String)

  /// A sentence to act on.
  public var description: String {
    switch self {
    case .unusable(let setting, let reason):
      "the reference origin cannot use its \(setting): \(reason)"
    case .cannotListen(let host, let port, let reason):
      "the reference origin could not listen on \(host) port \(port): \(reason)"
    }
  }
}
