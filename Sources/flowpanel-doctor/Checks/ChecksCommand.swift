import ArgumentParser
import Checks
import Reporting

/// `flowpanel-doctor checks`: the list of checks.
struct ChecksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "checks", abstract: "List all checks.")

  @Option(help: "Format: human, json.")
  var format: CardFormat = .human

  func run() {
    Self.list(as: format)
  }

  /// Prints the list.
  static func list(as format: CardFormat) {
    Console.write(cardList(Catalogue.all.map { $0.card }, as: format, width: Console.width))
  }
}

extension CardFormat: ExpressibleByArgument {}
