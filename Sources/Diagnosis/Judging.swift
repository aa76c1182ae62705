public import Facts

/// How the operator narrows and overrides what checks say.
public struct JudgingRules: Sendable, Equatable {
  /// One check's override from the manifest.
  public struct Override: Codable, Sendable, Equatable {
    /// The severity that its findings get; nil leaves it.
    public var severity: Severity?
    /// Whether its findings are suppressed.
    public var isSuppressed: Bool
    /// Why, in the operator's words.
    public var reason: String
    /// Where the manifest says so.
    public var location: Location?

    /// An override with its reason.
    public init(severity: Severity? = nil, isSuppressed: Bool = false, reason: String, location: Location? = nil) {
      self.severity = severity
      self.isSuppressed = isSuppressed
      self.reason = reason
      self.location = location
    }
  }

  /// Only checks that match one of these patterns are judged; empty for all.
  public var only: [String]
  /// Checks that match one of these patterns are not judged.
  public var skip: [String]
  /// Overrides by check id.
  public var overrides: [String: Override]

  /// Rules; none of them set means every check is judged as its card says.
  public init(only: [String] = [], skip: [String] = [], overrides: [String: Override] = [:]) {
    self.only = only
    self.skip = skip
    self.overrides = overrides
  }

  /// The option that leaves the check out, as a person would type it; nil where the check is judged.
  public func exclusion(of id: String) -> String? {
    if let pattern = skip.first(where: { Self.pattern($0, matches: id) }) { return "--skip \(pattern)" }
    if !only.isEmpty, !only.contains(where: { Self.pattern($0, matches: id) }) {
      return "--only \(only.joined(separator: ","))"
    }
    return nil
  }

  /// Whether a pattern names a check: the id itself, its topic (`redis`), or a prefix with a star (`redis.tls-*`).
  public static func pattern(_ pattern: String, matches id: String) -> Bool {
    if pattern == id || id.hasPrefix(pattern + ".") { return true }
    return pattern.hasSuffix("*") && id.hasPrefix(pattern.dropLast())
  }
}

/// Judges facts with every check in turn.
///
/// A check sees only the topics its card declares. One that throws, or has nothing to say, comes out `undetermined`:
/// nothing that was not looked at can pass. What the findings explain is marked with its cause, see `folded`.
public func judge(_ facts: Facts, with checks: [any Check], under rules: JudgingRules = JudgingRules()) -> [Verdict] {
  let verdicts = checks.flatMap { check -> [Verdict] in
    let card = check.card
    if let option = rules.exclusion(of: card.id) {
      return [
        Verdict(
          check: card.id, kind: .suppressed, severity: card.severity, subject: .deployment,
          message: Verdict.leftOutPrefix + option)
      ]
    }
    var verdicts: [Verdict]
    do {
      verdicts = try check.judge(facts.only(card.needs))
    } catch {
      verdicts = [card.undetermined(.deployment, "the check failed: \(error)")]
    }
    if verdicts.isEmpty { verdicts = [card.undetermined(.deployment, "the check looked at nothing")] }
    return rules.overrides[card.id].map { override in verdicts.map { $0.overridden(by: override) } } ?? verdicts
  }
  return folded(verdicts)
}

extension Verdict {
  fileprivate static let leftOutPrefix = "left out by "

  /// Whether `--only` or `--skip` kept the check from being judged.
  public var isLeftOut: Bool { kind == .suppressed && message.hasPrefix(Self.leftOutPrefix) }

  fileprivate func overridden(by override: JudgingRules.Override) -> Verdict {
    guard kind == .finding else { return self }
    var changed = self
    let place = override.location.map { " (\($0))" } ?? ""
    if override.isSuppressed {
      changed.kind = .suppressed
      changed.message += " — suppressed: \(override.reason)\(place)"
      changed.remedy = nil
    } else if let severity = override.severity, severity != self.severity {
      changed.severity = severity
      changed.evidence.append(
        Evidence("severity", severity.rawValue, expected: self.severity.rawValue, source: "\(override.reason)\(place)"))
    }
    return changed
  }
}

/// The exit codes, the same for every format.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Nothing at or above `--fail-on`, and nothing undetermined.
  case healthy = 0
  /// Findings at or above `--fail-on`.
  case findings = 1
  /// No such finding, but something that was asked for could not be determined, or nothing could be judged at all.
  case undetermined = 2
  /// The command line can't be understood.
  case usage = 64
  /// An input that was named is missing.
  case inputMissing = 66
  /// A bug in the tool.
  case bug = 70
  /// An input can't be understood.
  case inputMalformed = 78
  /// Interrupted by the operator.
  case interrupted = 130
}

extension Report {
  /// The exit code that this report leads to. Interruption comes first, then findings, then inputs that are missing or
  /// malformed, then what is undetermined.
  public func exitCode(failOn threshold: Severity) -> ExitCode {
    if wasInterrupted { return .interrupted }
    if verdicts.contains(where: { $0.kind == .finding && $0.severity >= threshold }) { return .findings }
    if inputProblems.contains(where: { $0.kind == .missing }) { return .inputMissing }
    if !inputProblems.isEmpty { return .inputMalformed }
    // Where nothing came out either way, nothing is known: a gate that looked at nothing must not be green.
    let isJudged = verdicts.contains { [.pass, .finding].contains($0.kind) || $0.kind == .suppressed && !$0.isLeftOut }
    return summary[.undetermined] > 0 || !isJudged ? .undetermined : .healthy
  }
}
