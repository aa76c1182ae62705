/// The `imports` of a package.json (Node.js, Modules: Packages, Subpath imports; the algorithm is
/// PACKAGE_IMPORTS_EXPORTS_RESOLVE in Modules: ECMAScript modules).

/// Where a package.json sends a `#` specifier, in the order in which the places are tried; none for a name that it does not
/// have, or has as null.
func importTargets(of specifier: String, in manifest: JSONNode) -> [String] {
  let name = Array(specifier.utf8)
  guard name.last != UInt8(ascii: "/") else { return [] }
  var best: (prefix: ArraySlice<UInt8>, length: Int, star: ArraySlice<UInt8>, target: JSONNode)?
  for (key, target) in manifest["imports"]?.members ?? [] {
    let pattern = Array(key.utf8)
    let parts = pattern.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
    if parts.count == 1, pattern == name {
      return chosenTargets(target).map { replacingStars(in: $0, with: [UInt8(ascii: "*")]) }
    }
    guard parts.count == 2, name.count >= pattern.count, name.starts(with: parts[0]), name.hasSuffix(parts[1]) else {
      continue
    }
    // PATTERN_KEY_COMPARE: the longer text before the `*` first, then the longer key.
    if let best, (best.prefix.count, best.length) >= (parts[0].count, pattern.count) { continue }
    best = (parts[0], pattern.count, name[parts[0].count..<name.count - parts[1].count], target)
  }
  guard let best, hasPlainSegments(best.star) else { return [] }
  return chosenTargets(best.target).map { replacingStars(in: $0, with: best.star) }
}

/// Whether a target stays inside its package and is no place in another one, as Node demands.
func isInsidePackage(_ target: String) -> Bool {
  target.utf8.starts(with: "./".utf8) && hasPlainSegments(Array(target.utf8)[2...])
}

private func hasPlainSegments(_ path: ArraySlice<UInt8>) -> Bool {
  !path.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }).contains { segment in
    [".", "..", "node_modules"].contains { segment.elementsEqual($0.utf8) }
  }
}

/// The conditions that hold for a config: Node runs it, and a bundler may have put it together. Which of `import` and
/// `require` holds can't be told from a specifier, so the one that stands first does.
private let conditions = ["node", "import", "require", "module", "default"]

private func chosenTargets(_ target: JSONNode) -> [String] {
  var targets: [String] = []
  _ = choose(target, &targets)
  return targets
}

/// Adds what a target comes to; false where no condition holds, so that the next one is looked at.
private func choose(_ target: JSONNode, _ targets: inout [String]) -> Bool {
  switch target.value {
  case .string(let text):
    if targets.count < ResolutionLimit.alternatives { targets.append(text) }
    return true
  case .object(let members):
    return members.contains { conditions.contains($0.key) && choose($0.value, &targets) }
  case .array(let elements):
    var isChosen = elements.isEmpty
    for element in elements { isChosen = choose(element, &targets) || isChosen }
    return isChosen
  case .null, .boolean, .number: return true
  }
}
