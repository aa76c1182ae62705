public import Facts

/// A diagnosis: a pure function from facts to verdicts, with a card that says what it is about.
public protocol Check: Sendable {
  /// What the check is about: the one source for `explain`, the man page and the tests.
  static var card: CheckCard { get }

  /// Judges facts that hold no more than the card declares. One verdict for each subject; an error that is thrown
  /// becomes `undetermined`, and so does an empty answer.
  func judge(_ facts: Facts) throws -> [Verdict]
}

extension Check {
  /// The check's card.
  public var card: CheckCard { Self.card }
}

/// What a check is about, in the words that `explain` and the man page print.
public struct CheckCard: Sendable {
  /// Dotted, lower case, never reused: `redis.eviction-policy`. The part before the dot is the check's topic.
  public let id: String
  /// What is true when the check passes.
  public let title: String
  /// How bad a finding is, unless the check says otherwise or the manifest overrides it.
  public let severity: Severity
  /// The facts that the check reads.
  public let needs: Set<FactTopic>
  /// Two to four sentences for whoever has the pager.
  public let why: String
  /// What mends it in general; findings carry a remedy for their own case.
  public let remedy: Remedy
  /// Where the rule comes from.
  public let references: [String]
  private let makeScenarios: @Sendable () -> [Scenario]

  /// A card. The scenarios are made only when asked for, so that a run that needs none pays for none.
  public init(
    id: String, title: String, severity: Severity, needs: Set<FactTopic>, why: String, remedy: Remedy,
    references: [String], scenarios: @escaping @autoclosure @Sendable () -> [Scenario]
  ) {
    self.id = id
    self.title = title
    self.severity = severity
    self.needs = needs
    self.why = why
    self.remedy = remedy
    self.references = references
    self.makeScenarios = scenarios
  }

  /// Facts with the verdict they must lead to; the tests run them all.
  public var scenarios: [Scenario] { makeScenarios() }

  /// The part of the id before its first dot: `config`, `redis`, `env`, `stream`.
  public var topic: String { String(id.prefix { $0 != "." }) }
}

extension CheckCard {
  /// A pass, and what was seen.
  public func pass(_ subject: Subject, _ message: String, evidence: [Evidence] = []) -> Verdict {
    Verdict(check: id, kind: .pass, severity: severity, subject: subject, message: message, evidence: evidence)
  }

  /// A finding; severity and remedy are the card's unless given.
  public func finding(
    _ subject: Subject, _ message: String, severity: Severity? = nil, evidence: [Evidence],
    at location: Location? = nil, remedy: Remedy? = nil, variables: [String] = [], explains: [Symptom] = []
  ) -> Verdict {
    Verdict(
      check: id, kind: .finding, severity: severity ?? self.severity, subject: subject, message: message,
      evidence: evidence, location: location, remedy: remedy ?? self.remedy, variables: variables, explains: explains)
  }

  /// Something that was asked for and could not be known, and why.
  public func undetermined(
    _ subject: Subject, _ why: String, evidence: [Evidence] = [], at location: Location? = nil
  ) -> Verdict {
    Verdict(
      check: id, kind: .undetermined, severity: severity, subject: subject, message: why, evidence: evidence,
      location: location)
  }

  /// Something that the question does not arise for, and why.
  public func notApplicable(_ subject: Subject, _ why: String) -> Verdict {
    Verdict(check: id, kind: .notApplicable, severity: severity, subject: subject, message: why)
  }

  /// The verdict for facts that were not observed: not applicable where there was nothing to look at, else undetermined.
  public func unseen(_ subject: Subject, _ reason: Unseen) -> Verdict {
    switch reason.kind {
    case .notGiven, .notAsked: notApplicable(subject, reason.detail)
    default: undetermined(subject, reason.detail, at: reason.location)
    }
  }
}

/// Facts, and the kind of verdict that a check must reach on them. It remembers where it was written, so that a failing
/// one points at itself.
public struct Scenario: Sendable {
  /// The kind of verdict that at least one subject must get.
  public let expected: Verdict.Kind
  /// The subject that must get it, where it matters which.
  public let subject: String?
  /// The severity that a finding must have, where it is not the card's.
  public let severity: Severity?
  /// What the facts are like, in words.
  public let name: String
  /// The facts.
  public let facts: Facts
  /// The file and line it was written at.
  public let file: StaticString
  /// The line it was written at.
  public let line: UInt

  /// Facts on which every verdict is a pass (or, for subjects that the question does not arise for, not applicable).
  public static func passes(
    _ name: String, _ facts: Facts, file: StaticString = #filePath, line: UInt = #line
  ) -> Scenario {
    Scenario(
      expected: .pass, subject: nil, severity: nil, name: name, facts: facts, file: file, line: line)
  }

  /// Facts that lead to a finding, on the named subject and of the given severity if those are given.
  public static func finds(
    _ name: String, _ facts: Facts, on subject: String? = nil, severity: Severity? = nil,
    file: StaticString = #filePath, line: UInt = #line
  ) -> Scenario {
    Scenario(
      expected: .finding, subject: subject, severity: severity, name: name, facts: facts, file: file, line: line)
  }

  /// Facts that must not be judged: they lead to undetermined and to no pass on that subject.
  public static func undetermined(
    _ name: String, _ facts: Facts, on subject: String? = nil, file: StaticString = #filePath, line: UInt = #line
  ) -> Scenario {
    Scenario(
      expected: .undetermined, subject: subject, severity: nil, name: name, facts: facts, file: file, line: line)
  }

  /// Facts for which the question does not arise.
  public static func notApplicable(
    _ name: String, _ facts: Facts, file: StaticString = #filePath, line: UInt = #line
  ) -> Scenario {
    Scenario(
      expected: .notApplicable, subject: nil, severity: nil, name: name, facts: facts, file: file, line: line)
  }
}
