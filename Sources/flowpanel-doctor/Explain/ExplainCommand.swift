import ArgumentParser
import Checks
import Doctor
import Reporting

/// `flowpanel-doctor explain`: what one check means, why it matters and what mends it.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explain a check: what it means, why it matters, what mends it.",
    discussion: """
      EXAMPLES
        flowpanel-doctor explain stream.handshake
      """)

  @Argument(help: "The check's id, as 'flowpanel-doctor checks' lists it.")
  var id: String

  @Option(help: "Format: human, json.")
  var format: CardFormat = .human

  func validate() throws {
    guard Catalogue.check(id) == nil else { return }
    let hint = nearestName(to: id, among: Catalogue.ids).map { "; did you mean \($0)?" } ?? "."
    throw ValidationError("there is no check '\(id)'\(hint) 'flowpanel-doctor checks' lists them.")
  }

  func run() throws {
    guard let check = Catalogue.check(id) else { return }
    Console.write(explanation(of: check.card, as: format, width: Console.width))
  }
}
