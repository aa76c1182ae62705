public import Facts

extension ConfigModule {
  /// The chain of expressions that led to a setting under one instance's environment, the value's own first and what it
  /// came from below it.
  ///
  /// - Parameter path: the setting from the config's root on: `["realtime", "url"]`.
  public func trace(of path: [String], under environment: ConfigEnvironment) -> [TracedExpression] {
    withLargeStack {
      var reader = RealtimeReader(Interpreter(project, under: environment, isTracing: true))
      return reader.trace(of: path)
    }
  }
}

extension RealtimeReader {
  /// The expressions that led to the value at a path; a config that throws is traced to where it does.
  mutating func trace(of path: [String]) -> [TracedExpression] {
    do {
      var value = try exported()
      for (count, name) in path.enumerated() {
        let inner = value.isNullish ? Tracked(.undefined, at: value.place) : try member(name, of: value)
        if inner.isUndefined, inner.taint.isEmpty {
          let whole = path[...count].joined(separator: ".")
          return [line(at: value.place, depth: 0, outcome: "has no setting `\(whole.prefix(80))`")]
        }
        value = inner
      }
      return expressions(from: value)
    } catch {
      let place = error == .thrown ? interpreter.thrownPlace : interpreter.abandonment?.place
      guard let place else { return [] }
      let phrase = error == .thrown ? "the config throws here" : interpreter.abandonment?.phrase ?? "not followed"
      return expressions(from: interpreter.thrown, first: (place, phrase))
    }
  }

  private func expressions(from value: Tracked, first: (place: Place, phrase: String)? = nil) -> [TracedExpression] {
    var lines: [TracedExpression] = []
    if let first { lines.append(line(at: first.place, depth: 0, outcome: first.phrase)) }
    if value.trace < 0
      || first == nil && interpreter.traces[Int(value.trace)].place != value.place && value.reason != nil
    {
      lines.append(line(at: value.place, depth: lines.count, outcome: first == nil ? outcome(of: value) : nil))
    }
    // Depth first, each expression once, without recursion.
    var pending: [(trace: Int32, depth: Int)] = value.trace < 0 ? [] : [(value.trace, lines.count)]
    var seen: Set<Place> = []
    while let (trace, depth) = pending.popLast(), lines.count < Limit.tracedExpressions {
      let step = interpreter.traces[Int(trace)]
      guard seen.insert(step.place).inserted else { continue }
      let outcome = lines.isEmpty ? self.outcome(of: value) : nil
      lines.append(
        line(at: step.place, depth: depth, outcome: outcome, variable: step.variable.map { interpreter.use(of: $0) }))
      for previous in step.previous.reversed() { pending.append((previous, depth + 1)) }
    }
    return lines
  }

  private func line(
    at place: Place, depth: Int, outcome: String?, variable: VariableUse? = nil
  ) -> TracedExpression {
    let location = interpreter.project.location(of: place)
    return TracedExpression(
      depth: depth, location: location, source: interpreter.project.line(at: place), outcome: outcome,
      variable: variable)
  }

  /// What the value is, in a phrase: text from a variable is not shown.
  private func outcome(of value: Tracked) -> String {
    switch value.value {
    case .string(let text) where value.text.isEmpty: return "is the text \"\(maskingCredentials(text.prefix(80)))\""
    case .string(let text):
      let names = interpreter.taints.variables(value.text).sorted().joined(separator: ", ")
      return text.isEmpty ? "is an empty text, from \(names)" : "is text from \(names)"
    case .unknown(let reason):
      switch interpreter.reasons[Int(reason.index)] {
      case .cause(let phrase, let place):
        return "is unknown: it depends on \(phrase) (\(interpreter.project.location(of: place)))"
      case .environment(let unseen): return "is unknown: \(unseen.detail)"
      }
    default: return "is \(interpreter.describe(value))"
    }
  }
}

extension Project {
  /// The line of source that a place stands in, without the space around it and without passwords in URLs.
  func line(at place: Place) -> String {
    guard case .code(let code) = modules[Int(place.module)].content else { return "" }
    let bytes = code.program.source.bytes
    let offset = min(Int(place.offset), bytes.count)
    let isEnd: (UInt8) -> Bool = { $0 == 0x0A || $0 == 0x0D }
    let start = bytes[..<offset].lastIndex(where: isEnd).map { $0 + 1 } ?? code.program.source.start
    let end = bytes[offset...].firstIndex(where: isEnd) ?? bytes.count
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 }
    var line = bytes[min(start, end)..<end].drop(while: isSpace)
    while line.last.map(isSpace) == true { line.removeLast() }
    let text = maskingCredentials(Substring(String(decoding: line, as: UTF8.self)))
    return text.count > Limit.tracedCharacters ? text.prefix(Limit.tracedCharacters) + "…" : text
  }
}

/// Text in which what stands before the `@` of a URL is masked.
func maskingCredentials(_ text: Substring) -> String {
  var result = ""
  var rest = text
  while let scheme = rest.firstRange(of: "://") {
    result += rest[..<scheme.upperBound]
    rest = rest[scheme.upperBound...]
    // Whatever a person may have pasted between the scheme and the last `@` of the word, and behind a `?` or a `#`.
    var word = rest.prefix { !$0.isWhitespace && $0 != "\"" && $0 != "'" && $0 != "`" }
    rest = rest[word.endIndex...]
    if let at = word.lastIndex(of: "@") {
      result += Secret.redacted
      word = word[at...]
    }
    let shown = word.prefix { $0 != "?" && $0 != "#" }
    result += shown
    if shown.endIndex < word.endIndex { result += String(word[shown.endIndex]) + Secret.redacted }
  }
  return result + rest
}
