import Facts
import Foundation
import NIOCore
import NIOPosix

/// What flowpanel says of its Redis connections, without credentials: one line for each kind of error. As it was first
/// published it did not listen for errors, and ioredis prints every one.
final class RedisErrorLog {
  private let secrets: [String]
  private let endpoint: RedisEndpoint
  private let isUnhandled: Bool
  private let log: @Sendable (String) -> Void
  private var seen: Set<String> = []

  /// - Parameter isUnhandled: whether nobody listens for errors, so that ioredis prints them.
  init(_ redis: OriginRedis, isUnhandled: Bool = false, _ log: @escaping @Sendable (String) -> Void) {
    self.isUnhandled = isUnhandled
    secrets = [redis.password, redis.username].compactMap { $0?.reveal() }.filter { !$0.isEmpty }
    endpoint = redis.endpoint
    self.log = log
  }

  /// A server's own words, as they may be shown: a hostile one may repeat what it was told.
  func shown(_ text: String) -> String {
    let redacted = secrets.reduce(text) { $0.redacting($1) }
    return redacted.count <= 300 ? redacted : redacted.prefix(300) + "…"
  }

  /// An error of a connection.
  func report(_ kind: String, _ message: String) {
    if isUnhandled {
      // Those that Redis or the parser gave have names of their own in JavaScript.
      return log("[ioredis] Unhandled error event: \(kind.hasSuffix("Error") ? kind : "Error"): \(message)")
    }
    guard seen.insert(kind).inserted else { return }
    log("[flowpanel] realtime redis connection error (\(kind)): \(message)")
  }

  /// The ready check was refused, and the connection is used all the same.
  func reportSkippedReadyCheck(_ message: String) {
    log("Skipping the ready check because INFO command fails: \"\(message)\"")
  }

  /// A connection that could not be made.
  func report(_ error: any Error) {
    let code = systemName(of: error)
    report(code, code == "ENOTFOUND" ? "getaddrinfo \(code) \(endpoint.host)" : "connect \(code) \(address)")
  }

  private var address: String { "\(endpoint.host):\(endpoint.port)" }
}

/// What Node calls a failure to connect.
private func systemName(of error: any Error) -> String {
  switch error {
  case let error as NIOConnectionError:
    guard let first = error.connectionErrors.first else { return "ENOTFOUND" }
    return systemName(of: first.error)
  case ChannelError.connectTimeout: return "ETIMEDOUT"
  case is SocketAddressError: return "ENOTFOUND"
  case let error as IOError:
    switch error.errnoCode {
    case ECONNREFUSED: return "ECONNREFUSED"
    case ECONNRESET: return "ECONNRESET"
    case EHOSTUNREACH: return "EHOSTUNREACH"
    case ENETUNREACH: return "ENETUNREACH"
    case ETIMEDOUT: return "ETIMEDOUT"
    case EACCES: return "EACCES"
    default: return "errno \(error.errnoCode)"
    }
  default: return "unknown"
  }
}
