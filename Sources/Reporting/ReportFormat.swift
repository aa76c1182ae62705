// The formats that a report can take, what the operator may ask of them, and the one function that renders.

public import Diagnosis

/// A form that a report can be written in.
public enum ReportFormat: String, CaseIterable, Sendable {
  /// Text for a terminal or a pager.
  case human
  /// One JSON document; its names are a promise to scripts.
  case json
  /// JUnit XML, as CI systems collect it.
  case junit
  /// Workflow commands of GitHub Actions, one annotation a line.
  case github
}

/// From which severity on findings are shown, and whether everything else is spelled out too.
public enum ShowLevel: String, CaseIterable, Sendable {
  /// Every finding, and one line for each pass and each verdict that is otherwise only counted.
  case all
  /// Every finding.
  case notice
  /// Warnings and errors.
  case warning
  /// Errors alone.
  case error

  /// The least severe finding that is shown.
  public var threshold: Severity {
    switch self {
    case .all, .notice: .notice
    case .warning: .warning
    case .error: .error
    }
  }
}

/// What the operator asks of the rendering; none of it changes what was judged, or the exit code.
public struct RenderOptions: Sendable {
  /// Which findings `human` and `github` show. What is undetermined is always shown.
  public var show: ShowLevel
  /// Whether `human` may use colour.
  public var usesColor: Bool
  /// The columns that `human` wraps to; words, commands and snippets that are longer stay whole.
  public var width: Int
  /// Whether `human` wraps the closing sentence too, as on a terminal, which would break it within words; elsewhere scripts
  /// look for it in one line.
  public var wrapsSummary: Bool
  /// From which severity on a finding is a failure in `junit`.
  public var failOn: Severity
  /// What is true when a check passes, by check id.
  public var checkTitles: [String: String]

  /// Options; the defaults suit a pipe.
  public init(
    show: ShowLevel = .notice, usesColor: Bool = false, width: Int = 80, wrapsSummary: Bool = false,
    failOn: Severity = .error, checkTitles: [String: String] = [:]
  ) {
    self.show = show
    self.usesColor = usesColor
    self.width = width
    self.wrapsSummary = wrapsSummary
    self.failOn = failOn
    self.checkTitles = checkTitles
  }
}

/// The whole text of a report in one format, ending with a line feed.
public func render(_ report: Report, as format: ReportFormat, options: RenderOptions = RenderOptions()) -> String {
  switch format {
  case .human: renderHuman(report, options)
  case .json: renderJSON(report)
  case .junit: renderJUnit(report, options)
  case .github: renderGitHub(report, options)
  }
}
