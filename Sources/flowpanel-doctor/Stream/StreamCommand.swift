import ArgumentParser
import Doctor
import Facts

/// `flowpanel-doctor stream`: event streams as a browser meets them.
struct StreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Open event streams as a browser does, and show what arrives when.",
    discussion: """
      Without a URL: the instances' direct URLs and the public ones of the manifest.

      EXAMPLES
        flowpanel-doctor stream https://admin.example.com/api/flowpanel/stream?channel=test
        flowpanel-doctor stream --for 20s --header-variable Cookie=ADMIN_COOKIE https://admin.example.com
      """)

  @Argument(help: "An http or https URL; one without a path gets the system's stream path.")
  var url: [String] = []

  @Option(
    name: .customLong("for"), help: ArgumentHelp("How long to watch each stream.", valueName: "duration"),
    transform: durationArgument)
  var watch: Duration = .seconds(6)

  @Option(
    help: ArgumentHelp(
      "A request header whose value is the first line of a file; repeatable.", valueName: "name=file"),
    transform: HeaderArgument.init(argument:))
  var headerFile: [HeaderArgument] = []

  @Option(
    help: ArgumentHelp("A request header whose value is in a variable; repeatable.", valueName: "name=variable"),
    transform: HeaderArgument.init(argument:))
  var headerVariable: [HeaderArgument] = []

  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func validate() throws {
    for text in url {
      if let problem = streamURLProblem(text) { throw ValidationError(problem) }
    }
  }

  func run() async throws {
    try await input.run(reporting: output, on: inputs)
  }

  private func inputs() throws -> RunInputs {
    var inputs = try input.inputs(on: [.stream])
    inputs.streamURLs = url
    inputs.watch = watch
    for header in headerFile {
      let value = try readSecretLine(header.place, what: "the file with the \(header.name) header")
      inputs.streamHeaders.append((header.name, value))
    }
    for header in headerVariable {
      let value = try secretVariable(header.place, in: inputs.environment, what: "the \(header.name) header")
      inputs.streamHeaders.append((header.name, value))
    }
    return inputs
  }
}

/// A header by name, and the place of its value: `Cookie=ADMIN_COOKIE`.
struct HeaderArgument {
  var name: String
  var place: String

  init(argument: String) throws {
    let name = argument.prefix { $0 != "=" }
    let place = argument.dropFirst(name.count + 1)
    guard isHeaderName(String(name)), !place.isEmpty else {
      throw ValidationError(
        "expected NAME=PLACE, as in Cookie=ADMIN_COOKIE; a header's value itself does not belong on the command line")
    }
    self.name = String(name)
    self.place = String(place)
  }
}
