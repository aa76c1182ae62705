// How the checks on what Redis allows read the answers, and the one line that mends what it refuses.

import Diagnosis
import Facts

extension RedisFacts.Permissions {
  /// The answers that refuse something: a command, a channel or a key.
  func refusals(_ need: Answer.Need) -> [Answer] { answers.filter { $0.need == need && !$0.isAllowed } }

  /// The patterns that were asked about, in their order. Redis refuses a command before it looks at the name it is used
  /// on, so there is no answer for a pattern of which only commands are known that may not be run.
  func patterns(_ need: Answer.Need) -> [String] { distinct(answers.filter { $0.need == need }.map(\.pattern)) }

  /// Whether nothing at all was allowed.
  var allowNothing: Bool { answers.allSatisfy { !$0.isAllowed } }

  /// The user's name, or a word in its place.
  var userName: String { user.isEmpty ? "USER" : user }
}

extension CheckCard {
  /// The verdict where something that the system needs could not be asked about; nil where all could.
  func notAskable(_ redis: RedisFacts, _ permissions: RedisFacts.Permissions, _ patterns: [String] = []) -> Verdict? {
    let open = (permissions.unanswered ?? []) + patterns
    if open.isEmpty { return nil }
    let why =
      permissions.unanswered == nil
      ? "only ACL DRYRUN could, which the user \(permissions.userName) may not run or which Redis does not have before 7.0"
      : "ACL DRYRUN did not help, and \(permissions.whyUnanswered ?? "nothing else was answered")"
    return undetermined(
      .redis(redis.endpoint), "\(listed(open)) could not be asked about: \(why)", at: redis.location)
  }
}

/// How a change of a user outlasts the server.
let keepingUsers =
  "ACL SAVE keeps it where the server has an aclfile; without one CONFIG REWRITE does, and with a provider its own "
  + "settings of users."

/// The refusals as evidence, in the server's words.
func evidence(of refusals: [RedisFacts.Permissions.Answer], _ permissions: RedisFacts.Permissions) -> [Evidence] {
  refusals.map { answer in
    Evidence(
      answer.pattern.isEmpty ? answer.command : "\(answer.command) \(answer.pattern)",
      answer.words.isEmpty ? "refused" : answer.words, expected: "OK", source: permissions.source)
  }
}

/// What was refused on each pattern: `PUBLISH and SUBSCRIBE on resource.*`.
func inWords(_ refusals: [RedisFacts.Permissions.Answer]) -> String {
  let patterns = distinct(refusals.map(\.pattern))
  let parts = patterns.map { pattern in
    listed(refusals.filter { $0.pattern == pattern }.map(\.command)) + " on \(pattern)"
  }
  return parts.joined(separator: "; ")
}

extension RedisFacts {
  /// `app on redis://cache:6379/0 (used by web-1)`.
  func userInWords(_ permissions: Permissions) -> String {
    "the user \(permissions.userName) on \(endpoint)\(users)"
  }

  /// The least that an administrator has to type: the missing rules, or the whole user where nothing is right.
  func remedy(_ permissions: Permissions, _ system: System?, rules: [String], _ text: String) -> Remedy {
    guard permissions.allowNothing, let system else {
      let command = "ACL SETUSER \(shellWord(permissions.userName)) \(words(rules))"
      return Remedy("\(text) \(keepingUsers)", commands: [cli(command)])
    }
    var needs = system.redisNeeds()
    if !permissions.patterns(.channel).isEmpty { needs.channels = permissions.patterns(.channel) }
    if !permissions.patterns(.key).isEmpty { needs.keys = permissions.patterns(.key) }
    // To narrow the default user would shut out whoever else comes without a name.
    let name = permissions.userName == "default" ? system.rawValue : permissions.userName
    let isNew = name != permissions.userName
    let whole =
      (isNew ? ["on", ">PASSWORD"] : []) + needs.rules.split(separator: " ").map(String.init)
      + (endpoint.database == 0 ? [] : ["+select"])
    return Remedy(
      "Nothing that \(system.rawValue) needs is allowed: as an administrator, give it a user with these rules and no "
        + "more. \(keepingUsers)",
      commands: [cli("ACL SETUSER \(shellWord(name)) \(words(whole))")],
      snippet: isNew ? "user \(name) \(whole.joined(separator: " "))" : nil)
  }

  private func words(_ rules: [String]) -> String { rules.map(shellWord).joined(separator: " ") }
}
