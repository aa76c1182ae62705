// How the checks on a Redis that answers read its figures: INFO's numbers, CONFIG GET's settings, and what other
// questions brought; what is missing is undetermined, and says why.

import Diagnosis
import Facts

extension CheckCard {
  /// One verdict for each Redis whose INFO was read.
  func eachServer(_ facts: Facts, _ judge: (RedisFacts, RedisFacts.Server) -> Verdict) -> [Verdict] {
    eachRedis(facts) { redis in
      switch redis.server {
      case .unseen(let reason): undetermined(.redis(redis.endpoint), redis.whyUnseen(reason), at: redis.location)
      case .seen(let server): judge(redis, server)
      }
    }
  }

  /// The verdict on the answer to a question, or the one for an answer that did not come or was not asked for.
  func onAnswer<Answer>(
    _ answer: Observation<Answer>?, to question: String, by redis: RedisFacts, _ judge: (Answer) -> Verdict
  ) -> Verdict {
    let subject = Subject.redis(redis.endpoint)
    return switch answer {
    case nil: undetermined(subject, redis.whyNotAsked(question), at: redis.location)
    case .unseen(let reason)?:
      undetermined(subject, redis.whyUnseen(reason), at: reason.location ?? redis.location)
    case .seen(let answer)?: judge(answer)
    }
  }

  /// The verdict for a figure that INFO does not show.
  func hidden(_ name: String, by redis: RedisFacts) -> Verdict {
    undetermined(
      .redis(redis.endpoint),
      redis.server.value?.numbers == nil ? "this run took no figures from INFO" : "INFO shows no \(name)",
      at: redis.location)
  }
}

extension RedisFacts {
  /// A whole number of INFO's by its name.
  func number(_ name: String) -> Int? { server.value?.numbers?[name] }

  /// A value of CONFIG GET's by its name.
  func setting(_ name: String) -> String? { settings?.value?[name] }

  /// The version's first two numbers; nil where they are hidden or none, and for Valkey, which began at 7.2.
  var version: (Int, Int)? {
    guard let server = server.value, server.product != "valkey" else { return nil }
    let numbers = server.version.split(separator: ".").prefix(2).compactMap { Int($0) }
    return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
  }

  /// `maxclients`, where it is shown and can be.
  var clientLimit: Int? {
    (number("maxclients") ?? setting("maxclients").flatMap { Int($0) }).flatMap { $0 > 0 ? $0 : nil }
  }

  /// ` since it started 3 days ago`; empty where INFO hides it.
  var sinceItsStart: String { number("uptime_in_seconds").map { " since it started \(ageText($0)) ago" } ?? "" }

  /// How a counter grew while it was watched.
  func growth(of counter: String) -> (isGoingOn: Bool, inWords: String) {
    guard let sample = sample?.value, let growth = sample.growth[counter] else { return (false, "") }
    return (growth > 0, ", \(growth) more in \(millisecondsText(sample.milliseconds))")
  }

  /// Why a question was not asked: a connection that failed says more than that.
  func whyNotAsked(_ question: String) -> String {
    // A command that this user may not give keeps nobody from giving the next.
    let isIn = succeeded(.ping) || commands.contains { $0.failure?.kind == .commandRefused }
    return isIn ? "this run did not ask for \(question)" : failureInWords
  }

  /// Whether both lead to one server: by the process's identity, else by host and port.
  func isSameServer(as other: RedisFacts) -> Bool {
    if let mine = server.value?.runID, let theirs = other.server.value?.runID, !mine.isEmpty, !theirs.isEmpty {
      return mine == theirs
    }
    return !endpoint.isMasterName && endpoint.host == other.endpoint.host && endpoint.port == other.endpoint.port
  }
}

extension RedisFacts.ClientGroup {
  /// `412 from 10.0.0.7, named worker, pubsub`.
  var inWords: String { "\(count) from \(origin), \(kind.rawValue)" }

  /// `10.0.0.7, named worker`.
  var origin: String { (host.isEmpty ? "an unknown host" : host) + (name.isEmpty ? ", unnamed" : ", named \(name)") }
}

/// `81 %`, rounded down: what is below a threshold never looks as if it were on it.
func percentText(_ share: Double) -> String { "\(Int(min(max(share * 100, 0), 1_000_000))) %" }
