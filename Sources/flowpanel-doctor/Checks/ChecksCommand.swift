import ArgumentParser
import Checks
import Reporting

/// `flowpanel-doctor checks`: the list of checks.
struct ChecksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "checks", abstract: "List all checks.")

  @Option(help: "Format: human, json.")
  var format: CardFormat = .human

  func run() {
    Console.write(cardList(Catalogue.all.map(\.card), as: format, width: Console.width))
  }
}

extension CardFormat: ExpressibleByArgument {}
