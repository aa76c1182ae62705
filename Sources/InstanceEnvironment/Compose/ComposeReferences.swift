import Facts

/// Text with its references to variables replaced.
struct ComposeText: Equatable {
  var text: String
  /// The variables that it refers to without a default and that are not set, in order: compose puts nothing there.
  var unset: [String] = []
  /// Whether it lacks the value of one of these, or of one that a value in it refers to.
  var isIncomplete = false
  /// What stands in place of references, as places among the text's bytes.
  var replaced: [Range<Int>] = []
}

/// References in a compose file's values, all under the same environment (compose-spec, 12-interpolation.md).
struct ComposeReferences {
  var variables: [String: Secret]
  private var interpolation: ComposeInterpolation

  /// - Parameter incomplete: Those of the variables whose values lack what they refer to.
  init(_ variables: [String: Secret], incomplete: Set<String> = []) {
    self.variables = variables
    interpolation = ComposeInterpolation(incomplete: incomplete)
  }

  /// - Throws: `malformed` for a reference that is none, and for a variable that must be set and is not; `tooLarge`.
  mutating func replace(in text: String, at location: Location) throws(EnvFileError) -> ComposeText {
    guard text.utf8.contains(Byte.dollar) else { return ComposeText(text: text) }
    do {
      let expanded = try interpolation.expand(Array(text.utf8)[...]) { variables[$0] }
      return ComposeText(
        text: String(decoding: expanded.text, as: UTF8.self), unset: expanded.unset,
        isIncomplete: expanded.isIncomplete, replaced: expanded.replaced)
    } catch {
      switch error {
      case .missing(let name):
        let lack = variables[name] == nil ? "is not set" : "is empty"
        throw EnvFileError(
          .malformed,
          "compose refuses the file because `\(name)`, which it requires here, \(lack): set it in the project's .env file "
            + "or in the environment that compose is run in",
          at: location)
      case .tooLarge: throw EnvFileError(.tooLarge, "in this value \(error)", at: location)
      case .invalid, .tooDeep: throw EnvFileError(.malformed, "in this value \(error)", at: location)
      }
    }
  }
}
