public import Facts

/// What one check found out about one subject.
public struct Verdict: Sendable, Equatable {
  /// The five ways a check can come out. All are counted in every format; only `pass` is a pass.
  public enum Kind: String, Sendable, CaseIterable {
    case pass, finding, undetermined, notApplicable, suppressed
  }

  /// The check's id, `redis.eviction-policy`.
  public var check: String
  /// How it came out.
  public var kind: Kind
  /// How bad a finding is; for the other kinds, how bad one would have been.
  public var severity: Severity
  /// What was looked at.
  public var subject: Subject
  /// One sentence for a person: what is so, or why it could not be known.
  public var message: String
  /// What was measured or read that led here.
  public var evidence: [Evidence]
  /// The line that has to change, where there is one.
  public var location: Location?
  /// What mends a finding; nil for the other kinds.
  public var remedy: Remedy?
  /// The environment variables that it is about; empty where it is about the subject as a whole.
  public var variables: [String]
  /// What a finding is the cause of, whether or not that was found.
  public var explains: [Symptom]
  /// The finding that explains this one; it stands on its own and explains whatever hangs together with it.
  public var explainedBy: Reference?

  /// A verdict with everything in it; checks use the short forms on `CheckCard`.
  public init(
    check: String, kind: Kind, severity: Severity, subject: Subject, message: String, evidence: [Evidence] = [],
    location: Location? = nil, remedy: Remedy? = nil, variables: [String] = [], explains: [Symptom] = [],
    explainedBy: Reference? = nil
  ) {
    self.check = check
    self.kind = kind
    self.severity = severity
    self.subject = subject
    self.message = message
    self.evidence = evidence
    self.location = location
    self.remedy = remedy
    self.variables = variables
    self.explains = explains
    self.explainedBy = explainedBy
  }
}

extension Verdict {
  /// What names a verdict: its check and what that looked at.
  public struct Reference: Sendable, Hashable {
    /// The check's id.
    public var check: String
    /// What was looked at.
    public var subject: Subject

    /// A reference to what a check found out about a subject.
    public init(_ check: String, _ subject: Subject) {
      self.check = check
      self.subject = subject
    }
  }

  /// What names this verdict.
  public var reference: Reference { Reference(check, subject) }
}

/// What follows from a cause: findings of a check, or what it could not determine.
public struct Symptom: Sendable, Hashable {
  /// The check's id.
  public var check: String
  /// What it looked at; nil for anything.
  public var subject: Subject?
  /// The variables that follow from the cause: a verdict that is about others too is no symptom. Empty for all verdicts.
  public var variables: [String]
  /// Whether only what can't be determined follows from the cause, and findings stand on their own.
  public var isUndetermined: Bool

  /// Verdicts of a check, all of them or those on one subject, and of those all or the ones about some variables, or that
  /// are undetermined.
  public init(_ check: String, _ subject: Subject? = nil, variables: [String] = [], isUndetermined: Bool = false) {
    self.check = check
    self.subject = subject
    self.variables = variables
    self.isUndetermined = isUndetermined
  }
}

/// How bad a finding is, least first.
public enum Severity: String, Codable, Sendable, CaseIterable, Comparable {
  case notice, warning, error

  /// Orders `notice` before `warning` before `error`.
  public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

  private var rank: Int {
    switch self {
    case .notice: 0
    case .warning: 1
    case .error: 2
    }
  }
}

/// What a verdict is about: an instance, a Redis server, a stream URL (a hop), the config, or the deployment as a whole.
public struct Subject: Sendable, Hashable {
  /// The kinds of subject.
  public enum Kind: String, Sendable {
    case instance, redis, stream, config, deployment
  }

  /// Which kind it is.
  public var kind: Kind
  /// Its name as the operator knows it: `web-2`, `redis://cache:6379/0`, the URL, the file.
  public var name: String

  private init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }

  /// An instance by name.
  public static func instance(_ name: String) -> Subject { Subject(.instance, name) }
  /// A Redis server by its URL without credentials.
  public static func redis(_ endpoint: RedisEndpoint) -> Subject { Subject(.redis, endpoint.description) }
  /// A stream by its redacted URL.
  public static func stream(_ url: String) -> Subject { Subject(.stream, url) }
  /// The config by its path.
  public static func config(_ path: String) -> Subject { Subject(.config, path) }
  /// Everything together.
  public static let deployment = Subject(.deployment, "deployment")
}

/// One thing that was measured or read: numbers carry their unit, comparisons both sides.
public struct Evidence: Sendable, Equatable {
  /// What it is: `maxmemory-policy`, `REDIS_URL`, `status`.
  public var name: String
  /// What was seen.
  public var observed: String
  /// What was expected, where there is an expectation.
  public var expected: String?
  /// Where it was seen: a file and line, a command, a phase.
  public var source: String?

  /// Something seen, with what was expected and where it was seen.
  public init(_ name: String, _ observed: String, expected: String? = nil, source: String? = nil) {
    self.name = name
    self.observed = observed
    self.expected = expected
    self.source = source
  }
}

/// What mends a finding, for this proxy or provider: words, and commands or a snippet that can be used as they stand.
public struct Remedy: Sendable, Equatable {
  /// What to do, in a sentence.
  public var text: String
  /// Shell or Redis commands, one each.
  public var commands: [String]
  /// Lines for a file.
  public var snippet: String?
  /// What would do as well, in its stead; the one that changes least comes first. They have none of their own.
  public var alternatives: [Remedy]

  /// A remedy in words, with commands or lines to use.
  public init(_ text: String, commands: [String] = [], snippet: String? = nil, alternatives: [Remedy] = []) {
    self.text = text
    self.commands = commands
    self.snippet = snippet
    self.alternatives = alternatives
  }
}
