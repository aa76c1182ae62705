import ArgumentParser
import Doctor

/// `flowpanel-doctor judge`: the same verdicts from saved facts, anywhere.
struct JudgeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "judge",
    abstract: "Judge facts that --save-facts wrote, without touching the network.",
    discussion: """
      EXAMPLES
        flowpanel-doctor check --save-facts facts.json
        flowpanel-doctor judge facts.json --format json
      """)

  @Argument(help: "The file that --save-facts wrote.")
  var file: String

  @OptionGroup var output: ReportOptions

  func run() throws {
    let run: SavedRun
    do {
      run = try SavedRun(path: file)
    } catch {
      try output.finish(error)
    }
    try output.finish(run.report(under: output.rules))
  }
}
