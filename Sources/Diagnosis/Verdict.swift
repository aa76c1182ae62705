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

  /// A verdict with everything in it; checks use the short forms on `CheckCard`.
  public init(
    check: String, kind: Kind, severity: Severity, subject: Subject, message: String, evidence: [Evidence] = [],
    location: Location? = nil, remedy: Remedy? = nil
  ) {
    self.check = check
    self.kind = kind
    self.severity = severity
    self.subject = subject
    self.message = message
    self.evidence = evidence
    self.location = location
    self.remedy = remedy
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
