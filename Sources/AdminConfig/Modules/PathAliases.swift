/// `compilerOptions.paths` of a tsconfig: names that stand for places (TypeScript handbook, Modules – Reference, paths).

/// A path as a config wrote it, and the folder of that config.
struct DeclaredPath: Sendable {
  var text: String
  var folder: String

  /// The path, for the project whose own config lies in `project`: `${configDir}` at the start means that folder even in a
  /// config that it extends.
  func path(inProject project: String, baseURL: String?) -> String {
    let template = "${configDir}"
    if text.utf8.count >= template.utf8.count {
      let start = text.utf8.prefix(template.utf8.count)
      if String(decoding: Array(start), as: UTF8.self).lowercased() == template.lowercased() {
        return joinedPath(project, "./" + String(decoding: Array(text.utf8.dropFirst(start.count)), as: UTF8.self))
      }
    }
    return joinedPath(baseURL ?? folder, text)
  }
}

/// The aliases of one config, indexed so that looking one up takes time in the patterns alone.
struct PathAliases: Sendable {
  /// What an alias makes of a specifier.
  struct Match: Sendable {
    var places: [DeclaredPath]
    /// Whether the pattern is `*`, which says nothing about the name: packages match it too.
    var isCatchAll: Bool
  }

  private struct Pattern {
    var prefix: [UInt8]
    var suffix: [UInt8]
    var places: [String]
  }

  private var exact: [[UInt8]: [String]] = [:]
  private var patterns: [Pattern] = []
  private let folder: String

  /// Reads the `paths` of a config. What TypeScript refuses there is passed over: more than one `*`, places that are no
  /// strings. Places that are declaration files are for types alone, so nothing is imported from them.
  init(_ node: JSONNode, in file: JSONFile) throws(ResolutionFailure) {
    folder = file.folder
    for (key, value) in node.members ?? [] {
      guard let elements = value.elements else { continue }
      guard elements.count <= ResolutionLimit.alternatives else {
        throw file.failure(
          "this alias names \(elements.count) places, and up to \(ResolutionLimit.alternatives) are tried", at: value)
      }
      let places = elements.compactMap(\.string).filter { place in
        place.utf8.count { $0 == UInt8(ascii: "*") } <= 1
          && ![".d.ts", ".d.mts", ".d.cts"].contains { Array(place.utf8).hasSuffix($0.utf8) }
      }
      let name = Array(key.utf8)
      let parts = name.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
      if parts.count == 1 {
        exact[name] = places
      } else if parts.count == 2 {
        patterns.append(Pattern(prefix: Array(parts[0]), suffix: Array(parts[1]), places: places))
      }
    }
  }

  /// The places of an exact alias, or else of the pattern with the longest text before its `*`, the first of equal ones.
  func match(_ specifier: String) -> Match? {
    let name = Array(specifier.utf8)
    if let places = exact[name] {
      return Match(places: places.map { DeclaredPath(text: $0, folder: folder) }, isCatchAll: false)
    }
    var best: Pattern?
    for pattern in patterns where pattern.prefix.count > best?.prefix.count ?? -1 {
      let isLongEnough = name.count >= pattern.prefix.count + pattern.suffix.count
      if isLongEnough, name.starts(with: pattern.prefix), name.hasSuffix(pattern.suffix) { best = pattern }
    }
    guard let best else { return nil }
    let star = name[best.prefix.count..<name.count - best.suffix.count]
    let places = best.places.map { DeclaredPath(text: replacingStars(in: $0, with: star), folder: folder) }
    return Match(places: places, isCatchAll: best.prefix.isEmpty && best.suffix.isEmpty)
  }
}

/// The text with every `*` replaced; empty where it would be longer than a path can be.
func replacingStars(in text: String, with replacement: ArraySlice<UInt8>) -> String {
  let stars = text.utf8.count { $0 == UInt8(ascii: "*") }
  let (added, isOverflow) = stars.multipliedReportingOverflow(by: replacement.count)
  guard !isOverflow, added <= ResolutionLimit.pathBytes, text.utf8.count <= ResolutionLimit.pathBytes else { return "" }
  let parts = text.utf8.split(separator: UInt8(ascii: "*"), omittingEmptySubsequences: false)
  return String(decoding: Array(parts.map { Array($0) }.joined(separator: replacement)), as: UTF8.self)
}

extension Array<UInt8> {
  /// Whether the bytes end so.
  func hasSuffix(_ suffix: some Collection<UInt8>) -> Bool {
    count >= suffix.count && self[(count - suffix.count)...].elementsEqual(suffix)
  }
}
