import Facts

/// The keys of `env` in the manifest that state rules.
let variableRuleKeys = [
  "required", "mustMatch", "mayDiffer", "mustBeUnique", "onlyOn", "forbidden", "types", "deprecated", "mustDiffer",
]

/// The rules on environment variables, as the manifest's `env` states them.
extension Manifest {
  func decodeVariableRules(_ keys: ManifestMapping) throws(ManifestError) -> VariableRules {
    var rules = VariableRules()
    rules.required = try names(keys["required"])
    rules.forbidden = try names(keys["forbidden"])
    let agreements: [(String, VariableRules.Agreement)] = [
      ("mustMatch", .mustMatch), ("mayDiffer", .mayDiffer), ("mustBeUnique", .mustBeUnique),
    ]
    for (key, agreement) in agreements {
      for node in try keys[key]?.list() ?? [] {
        let name = try decodeVariableName(node).value
        if let other = rules.agreements[name], other != agreement {
          throw node.error("\(quoted(name)) is under `env.\(other.rawValue)` already; it can't be both")
        }
        rules.agreements[name] = agreement
      }
    }
    for (name, value) in try keys["onlyOn"]?.entriesOfAnyName() ?? [] {
      try check(name)
      rules.onlyOn[name.value] = try value.elements == nil ? [value.text("text or a list")] : texts(value)
    }
    for (name, value) in try keys["types"]?.entriesOfAnyName() ?? [] {
      try check(name)
      let text = try value.text()
      guard let type = ValueType(text) else {
        throw value.error(
          "\(quoted(text)) is no type; known are url, url redis, rediss, integer, integer 1..65535, boolean, "
            + "enum debug, info, duration and list")
      }
      rules.types[name.value] = type
    }
    if let node = keys["deprecated"] {
      if node.isMapping {
        for (name, value) in try node.entriesOfAnyName() {
          try check(name)
          rules.deprecated[name.value] = try value.text()
        }
      } else {
        for name in try names(node) { rules.deprecated[name] = "Take it out." }
      }
    }
    for node in try keys["mustDiffer"]?.list() ?? [] {
      let group = try names(node)
      guard group.count > 1 else { throw node.error("\(quoted(node.path)) must name at least two variables") }
      rules.mustDiffer.append(group)
    }
    return rules
  }

  /// Refuses a key that is no variable's name.
  private func check(_ name: Located<String>) throws(ManifestError) {
    guard let problem = variableNameProblem(name.value) else { return }
    throw ManifestError("\(quoted(name.value)) \(problem)", at: name.location)
  }

  private func names(_ node: ManifestNode?) throws(ManifestError) -> [String] {
    try node?.list().map { element throws(ManifestError) in try decodeVariableName(element).value } ?? []
  }

  private func texts(_ node: ManifestNode) throws(ManifestError) -> [String] {
    try node.list().map { element throws(ManifestError) in try element.text() }
  }
}
