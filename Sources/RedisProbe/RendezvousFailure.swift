import Facts
import Transport

/// Why nothing was published or read.
public struct RendezvousFailure: Error, Sendable, Equatable {
  /// The step that failed.
  public enum Step: String, Sendable {
    case sentinels, nameLookup, connect, tls, authenticate, select, write, read

    /// The step in words.
    public var title: String { RedisFacts.Step(rawValue: rawValue)?.title ?? rawValue }
  }

  /// The failures that are told apart.
  public enum Kind: String, Sendable {
    /// There is no connection: see the reason.
    case notReachable
    /// No answer within the deadline.
    case timedOut
    /// The credentials are wrong or missing.
    case credentials
    /// The user may not do this (`NOPERM`).
    case noPermission
    /// The server is a replica (`READONLY`).
    case readOnly
    /// The server's memory is full (`OOM`).
    case outOfMemory
    /// Another node of the cluster holds the keys (`MOVED`, `ASK`).
    case elsewhere
    /// The index is something other than a sorted set (`WRONGTYPE`).
    case wrongType
    /// The server answered with another error: `LOADING`, `MISCONF`, `CLUSTERDOWN` …
    case serverError
    /// What came back is not the Redis protocol, or not what the command answers.
    case notUnderstood
    /// The name or the document can't be published.
    case unfit
  }

  /// The step that failed.
  public var step: Step
  /// What kind of failure it is.
  public var kind: Kind
  /// The server that was asked; nil where nobody was.
  public var endpoint: RedisEndpoint?
  /// What came back, without credentials.
  public var reason: String
  /// What to try; nil where the reason says it.
  public var remedy: String?
}

extension RendezvousFailure: CustomStringConvertible {
  /// `redis://cache:6379/0, write: OOM …; give it more memory …`
  public var description: String {
    (endpoint.map { "\($0), " } ?? "") + "\(step.title): \(reason)" + (remedy.map { "; \($0)" } ?? "")
  }
}

extension RendezvousFailure {
  init(_ step: RedisFacts.Step, _ failure: RedisFacts.StepFailure, at endpoint: RedisEndpoint) {
    let kind: Kind =
      switch failure.kind {
      case .timedOut: .timedOut
      case .wrongCredentials, .credentialsRequired: .credentials
      case .commandRefused: .noPermission
      case .serverError: .serverError
      case .notRedis: .notUnderstood
      default: .notReachable
      }
    self.init(
      step: Step(rawValue: step.rawValue) ?? .connect, kind: kind, endpoint: endpoint, reason: failure.detail)
  }

  init(_ step: Step, _ failure: RedisLinkFailure, afterMilliseconds milliseconds: Double, at endpoint: RedisEndpoint) {
    let kind: Kind =
      switch failure {
      case .timedOut: .timedOut
      case .closed: .notReachable
      case .notRedis: .notUnderstood
      }
    let reason = failure.stepFailure(afterMilliseconds: milliseconds).detail
    self.init(step: step, kind: kind, endpoint: endpoint, reason: reason)
  }

  /// The failure that an error reply means.
  init(_ words: String, to command: String, at step: Step, _ purpose: LinkPurpose, _ target: RedisTarget) {
    let said = scrubbed(words, of: target)
    self.init(
      step: step, kind: .serverError, endpoint: target.endpoint, reason: "\(command) was refused: \(said)")
    switch words.prefix(while: { $0 != " " }) {
    case "NOPERM":
      kind = .noPermission
      remedy = "let the user do it: \(purpose.grant(target))"
    case "NOAUTH":
      self.step = .authenticate
      kind = .credentials
      remedy = "give the URL a password"
    case "READONLY":
      kind = .readOnly
      remedy = "this server is a replica: publish to its master"
    case "OOM":
      kind = .outOfMemory
      remedy = "the server holds as much as its maxmemory allows: free memory or raise the limit"
    case "MOVED", "ASK":
      kind = .elsewhere
      remedy = "connect to the node of the cluster that holds these keys, \(said.split(separator: " ").last ?? "")"
    default: break
    }
  }
}
