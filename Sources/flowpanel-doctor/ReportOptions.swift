import ArgumentParser
import Checks
import Diagnosis
import Doctor
import Foundation
import Reporting

/// The options that say how a report is narrowed, rendered and kept; the same for every command that judges.
struct ReportOptions: ParsableArguments {
  @Option(help: "Format on standard output: \(ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")).")
  var format: ReportFormat = .human

  @Option(
    help: ArgumentHelp("Also write a report of this kind to a file; repeatable.", valueName: "kind=path"),
    transform: ReportFile.init(argument:))
  var report: [ReportFile] = []

  @Option(help: "Show findings from this severity up: all (passes too), notice, warning, error.")
  var show: ShowLevel = .notice

  @Option(help: "Exit with 1 for findings from this severity up: notice, warning, error.")
  var failOn: Severity = .error

  @Option(
    help: ArgumentHelp(
      "Judge only these checks: an id, a topic or a pattern (redis.*), comma-separated; repeatable.",
      valueName: "checks"))
  var only: [String] = []

  @Option(
    help: ArgumentHelp("Leave these checks out: as --only; repeatable.", valueName: "checks"))
  var skip: [String] = []

  /// Each pattern must name a check: a typo must not leave a check out, or all of them.
  mutating func validate() throws {
    only = Self.split(only)
    skip = Self.split(skip)
    for pattern in only + skip where !Catalogue.ids.contains(where: { JudgingRules.pattern(pattern, matches: $0) }) {
      let hint = nearestName(to: pattern, among: Catalogue.ids).map { "; did you mean \($0)?" } ?? "."
      throw ValidationError("no check matches '\(pattern)'\(hint) 'flowpanel-doctor checks' lists them.")
    }
  }

  private static func split(_ values: [String]) -> [String] {
    values.flatMap { $0.split(separator: ",").map(String.init) }
  }

  /// Keeps the files that reports go to where they were meant to be, whatever the working folder is later.
  mutating func settleFiles() {
    for index in report.indices { report[index].path = absolutePath(report[index].path) }
  }

  /// What the command line narrows.
  var rules: JudgingRules { JudgingRules(only: only, skip: skip) }

  /// Writes the report to every file that was asked for and to standard output, and leaves with its exit code, or with
  /// `code` where something else went wrong.
  ///
  /// - Parameters:
  ///   - isQuietWhenWell: whether nothing is said to people where there is nothing to do.
  ///   - toStandardError: whether the report goes there, as standard output holds something else.
  func finish(
    _ report: Report, leavingWith code: Diagnosis.ExitCode? = nil, isQuietWhenWell: Bool = false,
    toStandardError: Bool = false
  ) throws -> Never {
    let isKept = keep(report)
    let isQuiet = isQuietWhenWell && format == .human && show != .all && report.isWell
    if toStandardError {
      try? FileHandle.standardError.write(
        contentsOf: Data(rendered(report, as: format, color: false, width: Console.width).utf8))
    } else if !isQuiet {
      Console.write(
        rendered(
          report, as: format, color: Console.usesColor(in: ProcessInfo.processInfo.environment), width: Console.width,
          wrapsSummary: Console.isTerminal))
    }
    throw RunStatus(code: code ?? (isKept ? report.exitCode(failOn: failOn) : .bug))
  }

  /// Reports an input that stopped the run: on standard error to people, as a document to programs.
  func finish(_ error: RunError) throws -> Never {
    let report = Report(title: "the run did not begin", verdicts: [], inputProblems: [error.problem])
    _ = keep(report)
    if format != .human { Console.write(rendered(report, as: format, color: false, width: Console.width)) }
    throw error
  }

  /// Writes the report to its files, and says whether that went well.
  private func keep(_ report: Report) -> Bool {
    var isKept = true
    for file in self.report {
      do {
        try rendered(report, as: file.format, color: false, width: 100)
          .write(toFile: file.path, atomically: false, encoding: .utf8)
      } catch {
        Console.talk("error: the report can't be written to \(file.path): \(error.localizedDescription)")
        isKept = false
      }
    }
    return isKept
  }

  private func rendered(
    _ report: Report, as format: ReportFormat, color: Bool, width: Int, wrapsSummary: Bool = false
  ) -> String {
    let titles = Dictionary(uniqueKeysWithValues: Catalogue.all.map { ($0.card.id, $0.card.title) })
    return render(
      report, as: format,
      options: RenderOptions(
        show: show, usesColor: color, width: width, wrapsSummary: wrapsSummary, failOn: failOn, checkTitles: titles))
  }
}

/// Refuses a file that can't be written, before a run rather than after it.
func refuseUnwritable(_ path: String, what: String) throws {
  let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
  guard descriptor >= 0 else {
    throw ValidationError("\(what) can't be written to \(path): \(String(cString: strerror(errno)))")
  }
  close(descriptor)
}

/// A path from the root on.
func absolutePath(_ path: String) -> String {
  path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
}

/// A report to be kept: `junit=doctor.xml`.
struct ReportFile {
  var format: ReportFormat
  var path: String

  init(argument: String) throws {
    let kind = argument.prefix { $0 != "=" }
    let path = argument.dropFirst(kind.count + 1)
    guard let format = ReportFormat(rawValue: String(kind)) else {
      let kinds = ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("expected KIND=PATH with a kind of \(kinds), as in junit=doctor.xml")
    }
    guard !path.isEmpty else {
      throw ValidationError("expected a path after the =, as in \(format.rawValue)=doctor.txt")
    }
    try refuseUnwritable(String(path), what: "the report")
    self.format = format
    self.path = String(path)
  }
}

extension ReportFormat: ExpressibleByArgument {}
extension ShowLevel: ExpressibleByArgument {}
extension Severity: ExpressibleByArgument {}
