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

  /// Asked by queueing them: MULTI, each, and DISCARD. MULTI and EXEC can't be queued.
  var transaction: [[String]] { [["MULTI"]] + queued.map { [$0.command] + $0.arguments } + [["DISCARD"]] }

  private var queued: [Question] { questions.filter { $0.command != "MULTI" && $0.command != "EXEC" } }

  /// What ACL DRYRUN answered; nil where it was refused or is unknown (before Redis 7).
  func answers(toDryRuns replies: [RedisReply?]) -> RedisFacts.Permissions? {
    guard !replies.contains(where: { $0?.isError ?? true }) else { return nil }
    let words = replies.map { reply in reply?.text.flatMap { $0 == "OK" ? nil : $0 } }
    return RedisFacts.Permissions(user: user, source: "ACL DRYRUN", answers: answers(to: questions, words))
  }

  /// What the transaction answered, or why there is no answer.
  func answers(
    toTransaction replies: [RedisReply?], _ failure: RedisLinkFailure?, scrubbing target: RedisTarget
  ) -> Observation<RedisFacts.Permissions> {
    guard case .status? = replies.first ?? nil, replies.count == queued.count + 2 else {
      return .unseen(unseen("MULTI", replies.first ?? nil, failure, scrubbing: target))
    }
    let words = replies.dropFirst().dropLast().map { reply -> String? in
      guard case .error(let text)? = reply, text.hasPrefix("NOPERM") || text.hasPrefix("ERR unknown command") else {
        return nil
      }
      return scrubbed(text, of: target)
    }
    return .seen(
      RedisFacts.Permissions(user: user, source: "MULTI … DISCARD", answers: answers(to: queued, Array(words))))
  }

  private func answers(to questions: [Question], _ words: [String?]) -> [RedisFacts.Permissions.Answer] {
    var answers: [RedisFacts.Permissions.Answer] = []
    var commands: Set<String> = []
    for (question, words) in zip(questions, words) {
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
    return answers
  }
}
