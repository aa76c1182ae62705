import Diagnosis
import Facts

/// The environment variables that the config reads: how much it needs each, who has it, and where it is first read.
/// Nil where it reads none.
func configVariablesExhibit(_ config: ConfigFacts) -> Exhibit? {
  if config.variables.isEmpty { return nil }
  return Exhibit(
    key: "configVariables", title: "Environment variables that the config reads",
    columns: ["Variable", "Need", "Instances", "First read at"],
    rows: config.variables.map { variable in
      [variable.name, variable.need.words, variable.standing, variable.location?.lineText ?? "-"]
    },
    value: .array(
      config.variables.map { variable in
        [
          "name": .string(variable.name), "need": .string(variable.need.rawValue),
          "decidesRealtime": .bool(variable.decidesRealtime), "location": .location(variable.location),
          "loadedFrom": .optional(variable.loadedFrom),
          "instances": .object(
            variable.instances.map { JSONValue.Member($0.instance, .string($0.state.rawValue)) }),
        ]
      }))
}

extension ConfigVariable.Need {
  /// The need as a word in a table.
  fileprivate var words: String {
    switch self {
    case .failsWithout: "required"
    case .hasFallback: "fallback"
    case .noFallback: "no fallback"
    }
  }
}

extension ConfigVariable {
  /// `set on web-1; unset on web-2`, or `set on all`; and the file that sets it where it is not.
  fileprivate var standing: String {
    let states: [VariableUse.State] = [.set, .empty, .unset, .unknown]
    let groups = states.compactMap { state -> String? in
      let names = instances.filter { $0.state == state }.map(\.instance)
      if names.isEmpty { return nil }
      let isAll = names.count == instances.count && names.count > 1
      return "\(state.rawValue) on \(isAll ? "all" : names.joined(separator: ", "))"
    }
    let loaded = loadedFrom.map { ["loaded from \($0)"] } ?? []
    return groups.isEmpty ? "-" : (groups + loaded).joined(separator: "; ")
  }
}

extension Location {
  /// The file and the line, without the column.
  fileprivate var lineText: String { line.map { "\(file):\($0)" } ?? file }
}
