import Facts

/// Reads the commands of a shell file: which of them are understood, `ShellEnvironment` says.
struct ShellReader {
  /// How deep quotes, references and substitutions may stand inside each other.
  static let maximumDepth = 64

  var text: [UInt8]
  var position = 0
  var environment: ShellEnvironment
  private var places: PlaceCounter

  init(_ bytes: [UInt8], path: String, environment: ShellEnvironment) {
    text = bytes
    places = PlaceCounter(path: path)
    self.environment = environment
  }

  /// The next byte, past any line continuations: a backslash and a line feed vanish wherever they stand, except in
  /// single quotes and comments (2.2.1).
  mutating func peek() -> UInt8? {
    while position + 1 < text.count, text[position] == Byte.backslash, text[position + 1] == Byte.lineFeed {
      position += 2
    }
    return position < text.count ? text[position] : nil
  }

  mutating func run() throws(EnvFileError) {
    if text.contains(0) {
      throw EnvFileError(.malformed, "the file holds NUL bytes, and is no shell file", at: here())
    }
    while try skipToCommand() { try command() }
  }

  /// Moves on to the next command; false at the end.
  private mutating func skipToCommand() throws(EnvFileError) -> Bool {
    skipBlanks()
    while let byte = peek(), byte == Byte.lineFeed || byte == Byte.numberSign {
      position = byte == Byte.lineFeed ? position + 1 : text.firstIndex(of: Byte.lineFeed, from: position)
      skipBlanks()
    }
    return peek() != nil
  }

  private mutating func skipBlanks() {
    while let byte = peek(), byte == Byte.space || byte == Byte.tab { position += 1 }
  }

  /// Reads one command to its end, which is consumed.
  private mutating func command() throws(EnvFileError) {
    let location = here()
    if try assignment(exported: false, isArgument: false) {
      while try !endsCommand(location) {
        guard try assignment(exported: false, isArgument: false) else { throw runsCommand(at: location) }
      }
      return
    }
    let start = position
    while let byte = peek(), isWordByte(byte) || byte == Byte.colon || byte == Byte.carriageReturn { position += 1 }
    let name = String(decoding: text[start..<position], as: UTF8.self)
    guard peek().map(endsWord) ?? true else { throw runsCommand(at: location) }
    switch name {
    case "export": try exportNames(at: location)
    case "declare", "typeset":
      // Only the option that exports: others make arrays, references and numbers.
      skipBlanks()
      guard try word().text == "-x" else { throw runsCommand(at: location) }
      try exportNames(at: location)
    case "unset":
      for argument in try arguments(at: location) where argument != "-v" && argument != "--" {
        guard isName(argument) else { throw runsCommand(at: location) }
        environment.unset(argument, at: location)
      }
    case "set": try setOptions(arguments(at: location), at: location)
    // A line of a carriage return alone is a command that is not found, and changes nothing.
    case ":", "true", "\r": _ = try arguments(at: location)
    default: throw runsCommand(at: location)
    }
  }

  /// Whether the command ends here. What ends it is consumed; anything that joins commands is refused.
  private mutating func endsCommand(_ location: Location) throws(EnvFileError) -> Bool {
    skipBlanks()
    switch peek() {
    case nil, Byte.numberSign: return true
    case Byte.lineFeed:
      position += 1
      return true
    case UInt8(ascii: ";"):
      position += 1
      if peek() == UInt8(ascii: ";") { throw runsCommand(at: location) }
      return true
    case let byte? where isOperator(byte): throw runsCommand(at: location)
    default: return false
    }
  }

  /// Reads `NAME=value`; false, and nothing is read, where none stands here.
  private mutating func assignment(exported: Bool, isArgument: Bool) throws(EnvFileError) -> Bool {
    let start = position
    let location = here()
    guard let name = name() else { return false }
    let appends = peek() == UInt8(ascii: "+")
    if appends { position += 1 }
    guard peek() == Byte.equals else {
      position = start
      return false
    }
    position += 1
    var value = try word(isArgument ? .argument : .assignment)
    if appends { value.doubt = .shellsDisagree }
    environment.set(name, to: value.state(of: name, at: location), exported: exported, at: location)
    return true
  }

  private mutating func exportNames(at location: Location) throws(EnvFileError) {
    while try !endsCommand(location) {
      if try assignment(exported: true, isArgument: true) { continue }
      let argument = try word(.argument)
      guard let text = argument.text else { throw runsCommand(at: location) }
      if text == "--" || text == "-p" { continue }
      // The whole of `NAME=value` may stand in quotes.
      let name = String(text.prefix { $0 != "=" })
      guard isName(name) else { throw runsCommand(at: location) }
      if name == text {
        environment.export(name)
      } else {
        environment.set(
          name, to: .value(Array(text.utf8.dropFirst(name.utf8.count + 1))), exported: true, at: location)
      }
    }
  }

  /// The rest of the command as words that are known.
  private mutating func arguments(at location: Location) throws(EnvFileError) -> [String] {
    var arguments: [String] = []
    while try !endsCommand(location) {
      guard let argument = try word(.argument).text else { throw runsCommand(at: location) }
      arguments.append(argument)
    }
    return arguments
  }

  /// `set` with options that change nothing here, or export what is set from now on.
  private mutating func setOptions(_ arguments: [String], at location: Location) throws(EnvFileError) {
    let harmless = ["allexport", "errexit", "nounset", "xtrace", "pipefail"]
    // The sign of the option that the next argument names.
    var namesOption: Character?
    for argument in arguments {
      guard let sign = namesOption ?? argument.first, sign == "-" || sign == "+" else {
        throw runsCommand(at: location)
      }
      let isLong = namesOption != nil
      let letters = argument.dropFirst()
      let isLetters = !letters.isEmpty && letters.allSatisfy { "aeuxo".contains($0) }
      let isKnown = isLong ? harmless.contains(argument) : isLetters
      guard isKnown else { throw runsCommand(at: location) }
      if isLong ? argument == "allexport" : letters.contains("a") { environment.exportsAll = sign == "-" }
      namesOption = !isLong && letters.last == "o" ? sign : nil
    }
  }

  /// Reads a name; nil, and nothing is read, where none stands here.
  mutating func name() -> String? {
    guard let first = peek(), isNameStart(first) else { return nil }
    var name: [UInt8] = []
    while let byte = peek(), isWordByte(byte) {
      name.append(byte)
      position += 1
    }
    return String(decoding: name, as: UTF8.self)
  }

  mutating func here() -> Location { places.location(of: max(position, 0), in: text) }

  /// The message names nothing of the line: it may be part of a value that lacks its quotes.
  private func runsCommand(at location: Location) -> EnvFileError {
    EnvFileError(
      .malformed,
      "this is more than an assignment, and nothing of a file is run here, so what is set from here on can't be known: "
        + "quote values with spaces, write no space around `=`, or read the environment of the running instance instead",
      at: location)
  }
}

private func isName(_ text: String) -> Bool {
  text.utf8.first.map(isNameStart) ?? false && text.utf8.allSatisfy(isWordByte)
}

/// A byte that joins or redirects commands unless it is quoted.
func isOperator(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "("),
    UInt8(ascii: ")"):
    true
  default: false
  }
}

/// A byte that ends a word unless it is quoted.
func endsWord(_ byte: UInt8) -> Bool {
  byte == Byte.space || byte == Byte.tab || byte == Byte.lineFeed || byte == UInt8(ascii: ";") || isOperator(byte)
}
