import Facts

/// What a shell's environment becomes while files of assignments are sourced under `set -a`, as far as that can be known
/// without running anything (POSIX.1-2024, Shell Command Language).
///
/// Lines of `NAME=value`, `export` (also `declare -x` and `typeset -x`, as `export -p` prints them), `unset`, `set` with
/// options, `:` and `true` are understood. Any other command could set anything: the file is refused with its line. A
/// value that takes running something, or that shells disagree on, is unresolved by name, and so is what refers to it.
struct ShellEnvironment {
  /// What is known of a variable.
  enum State {
    case value([UInt8])
    case unset
    case unknown(Unseen)
  }

  private struct Variable {
    var state: State
    var isExported: Bool
    var location: Location
  }

  private let inherited: [String: Secret]
  private var variables: [String: Variable] = [:]
  /// Whether `set -a` is in force.
  var exportsAll = true
  /// How many bytes more expansion may give.
  var remaining = maximumExpandedSize

  init(inherited: [String: Secret]) { self.inherited = inherited }

  /// Takes over what a file sets.
  mutating func source(_ bytes: [UInt8], path: String) throws(EnvFileError) {
    var reader = ShellReader(bytes, path: path, environment: self)
    try reader.run()
    self = reader.environment
  }

  /// The environment of a program that is started now, without what it would have had before.
  func variables(source: String) -> InstanceVariables {
    var result = InstanceVariables(source: source, variables: [:])
    for (name, variable) in variables where variable.isExported {
      switch variable.state {
      case .unset: continue
      case .unknown(let reason): result.unresolved[name] = reason
      case .value(let bytes):
        if let text = String(validating: bytes, as: UTF8.self) {
          result.variables[name] = EnvironmentVariable(name: name, value: Secret(text), location: variable.location)
        } else {
          let reason = "its value is not UTF-8, and so can't be compared as text: save the file as UTF-8"
          result.unresolved[name] = Unseen(.notUnderstood, reason, at: variable.location)
        }
      }
    }
    return result
  }

  /// What is known of a variable; nil where nothing that was given says.
  func state(of name: String) -> State? {
    variables[name]?.state ?? inherited[name].map { .value(Array($0.reveal().utf8)) }
  }

  mutating func set(_ name: String, to state: State, exported: Bool = false, at location: Location) {
    let isExported = exported || exportsAll || (variables[name]?.isExported ?? (inherited[name] != nil))
    variables[name] = Variable(state: state, isExported: isExported, location: location)
  }

  mutating func export(_ name: String) { variables[name]?.isExported = true }

  mutating func unset(_ name: String, at location: Location) {
    variables[name] = Variable(state: .unset, isExported: false, location: location)
  }
}
