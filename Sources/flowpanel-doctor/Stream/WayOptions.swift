import ArgumentParser
import Doctor
import Facts

/// Where on the way from a browser to the instances streams are opened as well.
struct WayOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("A URL further along the way, in the order from the browser on; repeatable.", valueName: "url"))
  var via: [String] = []

  @Option(
    help: ArgumentHelp(
      "An instance's own URL, past all proxies, opened at the same moment; repeatable.", valueName: "[name=]url"))
  var direct: [String] = []

  /// Whether nothing was named.
  var isEmpty: Bool { via.isEmpty && direct.isEmpty }

  /// The instances' own URLs with their names.
  var directURLs: [(name: String, url: String)] {
    var unnamed = 0
    return direct.map { text in
      // A URL itself may have an equals sign, but no such name before it.
      let name = String(text.prefix { $0 != "=" })
      if isInstanceName(name), name.count < text.count { return (name, String(text.dropFirst(name.count + 1))) }
      unnamed += 1
      return (unnamed == 1 ? "direct" : "direct-\(unnamed)", text)
    }
  }

  func validate() throws {
    let directURLs = directURLs
    for (option, text) in via.map({ ("--via", $0) }) + directURLs.map({ ("--direct", $0.url) }) {
      if let problem = streamURLProblem(text) { throw ValidationError("\(option): \(problem)") }
    }
    if let twice = Dictionary(grouping: directURLs, by: \.name).first(where: { $0.value.count > 1 })?.key {
      throw ValidationError("the instance \(twice) is named twice; an instance has one URL of its own")
    }
    if let names = Dictionary(grouping: directURLs, by: \.url).values.first(where: { $0.count > 1 })?.map(\.name) {
      throw ValidationError(
        "--direct: \(names.joined(separator: " and ")) have one URL; an instance's own leads to it alone, past all proxies"
      )
    }
  }
}
