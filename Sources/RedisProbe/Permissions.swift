import Facts
import Transport

/// The questions of whether a user may do what a system needs. None of them does it: ACL DRYRUN runs nothing, and what is
/// queued between MULTI and DISCARD is checked against the ACL and then dropped.
struct PermissionQuestions {
  /// One command with arguments of our own, and the pattern that its channel or key stands for.
  struct Question {
    var command: String
    var arguments: [String]
    var need: RedisFacts.Permissions.Answer.Need
    var pattern: String
  }

  let user: String
  let questions: [Question]

  /// - Parameter user: the user as the server says, else as the URL says; nil for the default user.
  init(_ needs: RedisNeeds, user: String?, database: Int) {
    self.user = user ?? "default"
    var questions: [Question] = []
    for command in needs.commands {
      switch command {
      case "PUBLISH", "SUBSCRIBE":
        for pattern in needs.channels {
          let name = ownName(pattern, database: database)
          questions.append(
            Question(
              command: command, arguments: command == "PUBLISH" ? [name, "x"] : [name], need: .channel, pattern: pattern
            ))
        }
      default:
        guard let arguments = Self.arguments[command] else {
          questions.append(
            Question(command: command, arguments: Self.plain[command] ?? [], need: .command, pattern: ""))
          continue
        }
        for pattern in needs.keys {
          questions.append(
            Question(
              command: command, arguments: [ownName(pattern, database: database)] + arguments, need: .key,
              pattern: pattern))
        }
      }
    }
    self.questions = questions
  }

  /// What follows the key, for the commands that have one.
  private static let arguments: [String: [String]] = [
    "SET": ["1"], "GET": [], "DEL": [], "EXPIRE": ["1"], "HSET": ["f", "v"], "HGET": ["f"], "SADD": ["m"],
    "SREM": ["m"], "XADD": ["*", "f", "v"], "XRANGE": ["-", "+"], "XLEN": [], "ZADD": ["1", "m"], "BZPOPMIN": ["1"],
  ]
  /// The arguments of the commands that have no key.
  private static let plain: [String: [String]] = [
    "EVAL": ["return 1", "0"], "EVALSHA": ["0000000000000000000000000000000000000000", "0"], "UNSUBSCRIBE": [],
  ]

  /// Asked of the server as an administrator may.
  var dryRuns: [[String]] { questions.map { ["ACL", "DRYRUN", user, $0.command] + $0.arguments } }

  /// Asked by queueing them after MULTI. MULTI and EXEC can't be queued, and of a channel that is not our own the
  /// server's ACL LOG would tell as if the application had been refused.
  var transaction: [[String]] { queued.map { [$0.command] + $0.arguments } }

  /// Whether the system needs EXEC.
  var asksForExec: Bool { questions.contains { $0.command == "EXEC" } }

  /// Asked by doing it, on channels of our own, where nothing else is allowed.
  var subscriptions: [[String]] { subscribing.map { [$0.command] + $0.arguments } }

  private var queued: [Question] {
    questions.filter { $0.command != "MULTI" && $0.command != "EXEC" && hasOwnName($0.pattern) }
  }
  private var subscribing: [Question] { questions.filter { $0.command == "SUBSCRIBE" && hasOwnName($0.pattern) } }

  /// What ACL DRYRUN answered; nil where it was refused or is unknown (before Redis 7).
  func answers(toDryRuns replies: [RedisReply?]) -> RedisFacts.Permissions? {
    var words: [String?] = []
    for reply in replies {
      guard let reply, !reply.isError, let text = reply.text else { return nil }
      words.append(text == "OK" ? nil : bounded(text))
    }
    return permissions("ACL DRYRUN", questions, words.map { .some($0) })
  }

  /// What was answered to the queued commands, and to EXEC where that was asked.
  func answers(
    toTransaction replies: [RedisReply?], exec: RedisReply?, scrubbing target: RedisTarget
  ) -> RedisFacts.Permissions {
    var words = replies.map { refusal($0, allowed: .status("QUEUED"), target) }
    let others = questions.filter { $0.command == "MULTI" || $0.command == "EXEC" }
    for question in others {
      words.append(question.command == "MULTI" ? .some(nil) : refusal(exec, allowed: .array([]), target))
    }
    var answers = permissions("MULTI … DISCARD", queued + others, words)
    // Not whether it is allowed, but the server's state: READONLY, OOM, MOVED …
    for (question, (words, reply)) in zip(queued, zip(words, replies)) where words == nil {
      guard case .error(let text)? = reply, answers.unanswered?.contains(question.command) == true else { continue }
      answers.whyUnanswered = "\(question.command) was answered with \(scrubbed(text, of: target))"
      break
    }
    return answers
  }

  /// What was answered to the subscriptions; nil where nothing was.
  func answers(
    toSubscriptions replies: [RedisReply?], scrubbing target: RedisTarget
  ) -> RedisFacts.Permissions? {
    let found = replies.map { reply -> String?? in
      if case .array? = reply { .some(nil) } else { refusal(reply, allowed: nil, target) }
    }
    return found.contains { $0 != nil } ? permissions("SUBSCRIBE", subscribing, found) : nil
  }

  /// What a reply says: nil for nothing, else the words of a refusal, or nil for none.
  private func refusal(_ reply: RedisReply?, allowed: RedisReply?, _ target: RedisTarget) -> String?? {
    switch reply {
    case .error(let text)? where text.hasPrefix("NOPERM") || text.hasPrefix("ERR unknown command"):
      .some(scrubbed(text, of: target))
    case .some(let reply) where reply == allowed: .some(nil)
    default: nil
    }
  }

  private func permissions(
    _ source: String, _ questions: [Question], _ words: [String??]
  ) -> RedisFacts.Permissions {
    var answers: [RedisFacts.Permissions.Answer] = []
    var commands: Set<String> = []
    for (question, answer) in zip(questions, words) {
      guard let words = answer else { continue }
      // A refusal says whether the command itself is meant, or what it is used on.
      let isCommand = words.map { $0.contains("run the") || $0.contains("unknown command") } ?? false
      if commands.insert(question.command).inserted {
        answers.append(
          RedisFacts.Permissions.Answer(
            .command, question.command, isAllowed: !isCommand, words: isCommand ? words ?? "" : ""))
      }
      if question.need != .command, !isCommand {
        answers.append(
          RedisFacts.Permissions.Answer(
            question.need, question.command, pattern: question.pattern, isAllowed: words == nil, words: words ?? ""))
      }
    }
    let open = self.questions.map(\.command).filter { !commands.contains($0) }
    return RedisFacts.Permissions(
      user: user, source: source, answers: answers, unanswered: Array(Set(open)).sorted())
  }
}

/// Whether a name under a pattern can be one that nobody else has.
func hasOwnName(_ pattern: String) -> Bool { !pattern.hasPrefix("__key") }
