/// How a system's page comes back after its stream has ended.
public enum Reconnection: String, Codable, Sendable {
  /// flowpanel's client: min(30 s, 500 ms · 2^n), with n from 0 at each first failure, whatever the answer was.
  case backOff
  /// The browser's own EventSource: after the time of the stream's `retry:`, else some 3 s; a response that is no event
  /// stream ends it for good (WHATWG HTML section 9.2.3).
  case eventSource

  /// The longest wait of flowpanel's client.
  public static let longestMilliseconds = 30_000.0

  /// How long it waits before the next attempt; nil where it makes none.
  ///
  /// - Parameters:
  ///   - failures: how many attempts have failed since the stream was open.
  ///   - isRefused: whether the last of them was answered with something other than an event stream.
  ///   - retry: the reconnection time that the stream set last, in milliseconds; nil for none.
  public func milliseconds(afterFailures failures: Int, isRefused: Bool, retry: Int?) -> Double? {
    switch self {
    case .backOff: min(Self.longestMilliseconds, 500 * Double(1 << min(max(0, failures), 10)))
    case .eventSource: isRefused ? nil : Double(min(max(0, retry ?? 3000), 86_400_000))
    }
  }
}

extension System {
  /// How its pages come back.
  public var reconnection: Reconnection { self == .flowpanel ? .backOff : .eventSource }
}
