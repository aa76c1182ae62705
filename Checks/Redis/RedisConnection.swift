// How the checks on Redis read one connection: which step decided it, whether Redis answered, and how to say so.

import Diagnosis
import Facts

extension RedisFacts {
  /// The failures that are replies: whoever sends them speaks the Redis protocol.
  private static let replies: Set<StepFailure.Kind> = [
    .wrongCredentials, .credentialsRequired, .commandRefused, .serverError,
  ]

  /// The steps that are commands.
  var commands: [StepResult] { steps.filter { [.authenticate, .select, .ping, .info].contains($0.step) } }

  /// Whether any command was answered in the Redis protocol, be it with an error.
  var hasAnsweredCommand: Bool { commands.contains { $0.failure.map { Self.replies.contains($0.kind) } ?? true } }

  /// Whether the connection was established and the first command met silence, a closed connection or something that is
  /// not Redis: what a port for TLS does to a plain connection.
  var isMuteToCommands: Bool {
    guard let failure = commands.first?.failure else { return false }
    return [.closed, .notRedis, .timedOut].contains(failure.kind)
  }

  /// The step at which the server refused the credentials, or the lack of them.
  var credentialRefusal: StepResult? {
    commands.first { result in
      switch (result.step, result.failure?.kind) {
      case (_, .wrongCredentials), (_, .credentialsRequired), (.authenticate, .commandRefused): true
      // Redis before 6 has no users: AUTH with two arguments is an error there.
      case (.authenticate, .serverError): result.failure?.detail.contains("wrong number of arguments") == true
      default: false
      }
    }
  }

  /// The result of a step, if it was taken.
  func result(of step: Step) -> StepResult? { steps.first { $0.step == step } }

  /// Whether a step was taken and went well.
  func succeeded(_ step: Step) -> Bool { result(of: step).map { $0.failure == nil } ?? false }

  /// ` (used by web-1 and web-2)`; empty where no instance uses it.
  var users: String { usedBy.isEmpty ? "" : " (used by \(listed(usedBy)))" }

  /// `, address 10.0.0.5:6379`; empty where no address was reached.
  var atAddress: String { address.map { ", address \($0)" } ?? "" }

  /// The step that failed in words, for a verdict that could not be reached because of it.
  var failureInWords: String {
    guard let failed = failedStep, let failure = failed.failure else {
      return unfinished?.detail ?? "the connection was not finished"
    }
    return "\(failed.step.title) failed after \(millisecondsText(failed.milliseconds)): \(failure.detail)"
  }

  /// Why something that comes after the connection was not observed: the failed step says more than "never began".
  func whyUnseen(_ reason: Unseen) -> String {
    reason == Self.notReached && failedStep != nil ? failureInWords : reason.detail
  }

  /// Every step with its time and its failure.
  var stepEvidence: [Evidence] {
    steps.map { result in
      Evidence(
        result.step.title,
        (result.failure.map { "failed: \($0.detail)" } ?? "ok")
          // A time-out says itself how long it took.
          + (result.failure?.kind == .timedOut ? "" : ", after \(millisecondsText(result.milliseconds))"),
        source: result.step == .nameLookup ? nil : address)
    }
  }

  /// A redis-cli command line for this server, without credentials: where a password was needed, a variable stands for
  /// it, as redis-cli's own question would take the next of several pasted lines for the answer. A user with a name asks
  /// for themselves; what only administrators may do is left to one.
  func cli(_ command: String) -> String {
    var login = ""
    var password = result(of: .authenticate) == nil ? "" : "REDISCLI_AUTH=$PASSWORD "
    if let name = user, name != "default", !name.isEmpty {
      let isAdministration = Self.administration.contains(where: command.hasPrefix)
      login = isAdministration ? "--user ADMIN " : "--user \(shellWord(name)) "
      if isAdministration { password = "REDISCLI_AUTH=$ADMIN_PASSWORD " }
    }
    return "\(password)redis-cli \(login)\(endpoint.redisCLIPlace)\(tlsArguments) \(command)"
  }

  /// The beginnings of commands that an application's user need not be allowed.
  private static let administration = [
    "ACL", "BGSAVE", "CONFIG", "FUNCTION", "LATENCY", "SCRIPT", "SLOWLOG",
  ]

  /// How redis-cli is told to connect over TLS as the probe did.
  private var tlsArguments: String {
    guard endpoint.usesTLS else { return "" }
    let options = [
      ("--cacert", tlsClient?.caFile), ("--cert", tlsClient?.certificateFile),
      ("--key", tlsClient?.keyFile ?? tlsClient?.certificateFile), ("--sni", tlsClient?.serverName),
    ]
    return " --tls" + options.map { name, value in value.map { " \(name) \(shellWord($0))" } ?? "" }.joined()
  }
}

extension RedisEndpoint {
  /// How redis-cli is told where the server is.
  var redisCLIPlace: String { isUnixSocket ? "-s \(shellWord(host))" : "-h \(shellWord(host)) -p \(port)" }
}
