import Facts

extension Unseen {
  /// Why a value is not known that refers to a variable which nothing that was given sets. What is referred to is not
  /// named: in a password or a hash, `$` begins a reference that nobody meant.
  ///
  /// - Parameter remedy: What to write where none is meant, or none may be lost.
  static func lostReference(_ remedy: String, at location: Location?) -> Unseen {
    Unseen(
      .notGiven,
      "it refers to a variable that nothing sets here: unless the process has it, that part is lost; \(remedy)",
      at: location)
  }

  /// Why a variable is not known that takes the value of the environment that a program is run in, which has none.
  static func notPassedOn(by program: String, _ location: Location) -> Unseen {
    let file = program == "compose" ? ", give it in the project's .env file" : ""
    return Unseen(
      .notGiven,
      "it takes the value that it has where \(program) is run, and it is not set here: export it here\(file), or write "
        + "its value", at: location)
  }
}

extension InstanceVariables {
  /// The variables whose values are there but lack a part, so that what refers to them does too.
  var incomplete: Set<String> { Set(unresolved.keys.filter { variables[$0] != nil }) }

  /// Takes over what a file sets.
  ///
  /// - Parameter wins: Whether the file overrides what is set already.
  mutating func take(_ read: InstanceVariables, wins: Bool = true) {
    for (name, variable) in read.variables where wins || variables[name] == nil {
      variables[name] = variable
      unresolved[name] = read.unresolved[name]
    }
    for (name, reason) in read.unresolved where read.variables[name] == nil && variables[name] == nil {
      unresolved[name] = reason
    }
  }
}
