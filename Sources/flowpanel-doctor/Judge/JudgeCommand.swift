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
    try output.finish(SavedRun(path: file).report(under: output.rules))
  }
}
