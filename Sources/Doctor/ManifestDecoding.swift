import Diagnosis
import Facts
import InstanceEnvironment

/// The manifest's schema: which keys there are, and what each may hold.
extension Manifest {
  /// Decodes a manifest's text. Relative paths are resolved against the folder of `path`.
  ///
  /// - Parameters:
  ///   - text: The YAML text.
  ///   - path: The manifest's path, for locations and for the paths in it.
  ///   - knownChecks: The ids that `checks` may name.
  public init(text: String, path: String, knownChecks: [String]) throws(ManifestError) {
    self.path = path
    let node = ManifestNode(node: try parseManifestYAML(text, path: path), path: "")
    let root = try node.mapping(keys: [
      "system", "config", "realtime", "timeout", "instances", "public", "via", "redis", "stream", "env", "checks",
    ])
    if let system = root["system"] { self.system = try system.choice(System.self) }
    config = try resolvedPath(root["config"])
    if let node = root["realtime"] { realtime = node.located(try decodeRealtime(node)) }
    timeout = try root["timeout"].map(decodeTimeout)
    if let redis = root["redis"] { self.redis = try decodeRedis(redis) }
    stream = try decodeStream(root["stream"])
    instances = try decodeInstances(root["instances"])
    publicURLs = try completeStreamURLs(root["public"])
    viaURLs = try completeStreamURLs(root["via"])
    if let env = root["env"] {
      let keys = try env.mapping(keys: variableRuleKeys + ["example"])
      variables = try decodeVariableRules(keys)
      example = try resolvedPath(keys["example"])
    }
    checks = try decodeChecks(root["checks"], knownChecks: knownChecks)
  }

  /// A path as the operator would type it from the working folder.
  private func resolvedPath(_ node: ManifestNode?) throws(ManifestError) -> Located<String>? {
    try node.map(decodePath)
  }

  private func decodePath(_ node: ManifestNode) throws(ManifestError) -> Located<String> {
    node.located(besideManifest(try node.text("text that names a file")))
  }

  private func besideManifest(_ file: String) -> String {
    guard !file.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return file }
    return path[...slash] + file
  }

  private func decodeTimeout(_ node: ManifestNode) throws(ManifestError) -> Located<Duration> {
    let shape = "a duration such as 500ms, 15s or 5m"
    guard let duration = parseDuration(try node.text(shape)), duration > .zero else {
      throw node.error("\(quoted(node.path)) must be \(shape)")
    }
    return node.located(duration)
  }

  private func decodeInstances(_ node: ManifestNode?) throws(ManifestError) -> [Instance] {
    var instances: [Instance] = []
    var named: [String: Located<String>] = [:]
    var owners: [String: String] = [:]
    for element in try node?.list() ?? [] {
      let keys = try element.mapping(keys: ["name", "env", "url"])
      let name = try decodeInstanceName(keys.required("name"))
      if let first = named.updateValue(name, forKey: name.value) {
        let line = first.location.line.map { " in line \($0)" } ?? ""
        throw ManifestError(
          "the name \(quoted(name.value)) is already taken by the instance\(line); names must be unique",
          at: name.location)
      }
      let url = try keys["url"].map { url throws(ManifestError) in try completeStreamURL(url, shape: "text") }
      if let url, let owner = owners.updateValue(name.value, forKey: url.value) {
        throw ManifestError(
          "the instance \(quoted(owner)) has this URL already; an instance's `url` leads to it alone, past all "
            + "proxies: leave it out where there is none, and name what leads to several under `public`",
          at: url.location)
      }
      instances.append(
        Instance(name: name, environment: try keys["env"].map(decodeEnvironment), streamURL: url))
    }
    return instances
  }

  private func decodeInstanceName(_ node: ManifestNode) throws(ManifestError) -> Located<String> {
    let name = try node.text()
    guard isInstanceName(name) else {
      throw node.error(
        "\(quoted(name)) is no instance name: only letters A–Z and a–z, digits, `_`, `.` and `-` may be in it")
    }
    return node.located(name)
  }

  private func decodeEnvironment(_ node: ManifestNode) throws(ManifestError) -> EnvironmentSource {
    guard node.isMapping else { return .place(try decodePlace(node)) }
    let keys = try node.mapping(keys: ["dotenv", "next", "mode", "process"])
    if let mode = keys["mode"], keys["next"] == nil {
      throw mode.error("\(quoted(mode.path)) can only be given beside `next`")
    }
    switch (keys["dotenv"], keys["next"], keys["process"]) {
    case (let files?, nil, nil): return .place(try decodePlace(files))
    case (nil, let next?, nil):
      let folder = next.located(besideManifest(try next.text("text that names a folder")))
      return .next(folder: folder, mode: try keys["mode"]?.choice(NextMode.self) ?? .production)
    case (nil, nil, let process?):
      guard try process.boolean() else {
        throw process.error("\(quoted(process.path)) can only be true; leave the key out otherwise")
      }
      return .process(node.location)
    default: throw node.error("\(quoted(node.path)) must have one of the keys `dotenv`, `next` and `process`")
    }
  }

  private func decodePlace(_ node: ManifestNode) throws(ManifestError) -> Located<EnvironmentPlace> {
    guard let elements = node.elements else {
      let text = try node.text("text that names a file, a list of such, or a mapping")
      let place: EnvironmentPlace
      do throws(PlaceProblem) {
        place = try EnvironmentPlace(text)
      } catch {
        throw node.error("\(quoted(node.path)): \(error.sentence)")
      }
      if place == .standardInput {
        throw node.error("\(quoted(node.path)) can't be standard input, which only the command line names")
      }
      return node.located(place.beside(besideManifest))
    }
    if elements.isEmpty { throw node.error("\(quoted(node.path)) must name at least one file") }
    return elements[0].located(.files(try elements.map(decodePath).map(\.value), nil))
  }

  private func decodeRealtime(_ node: ManifestNode) throws(ManifestError) -> Realtime {
    let keys = try node.mapping(keys: ["driver", "variable", "keyPrefix"])
    return Realtime(
      driver: try keys.required("driver").choice(RealtimeDriver.self),
      variable: try keys["variable"].map(decodeVariableName)?.value,
      keyPrefix: try keys["keyPrefix"].map { node throws(ManifestError) in try node.text() })
  }

  private func decodeRedis(_ node: ManifestNode) throws(ManifestError) -> Redis {
    let keys = try node.mapping(keys: ["url", "caFile", "certFile", "keyFile", "serverName", "startedBy"])
    return Redis(
      url: try keys["url"].map { node throws(ManifestError) in
        try decodeGuardedURL(node, problem(ofRedisURL:))
      }, caFile: try resolvedPath(keys["caFile"]),
      certificateFile: try resolvedPath(keys["certFile"]), keyFile: try resolvedPath(keys["keyFile"]),
      serverName: try keys["serverName"].map { node throws(ManifestError) in try node.text() },
      startedBy: try resolvedPath(keys["startedBy"]))
  }

  /// - Parameter problem: what is wrong with a URL that stands in the manifest; nil for nothing.
  private func decodeGuardedURL(
    _ node: ManifestNode, _ problem: (String) -> String?
  ) throws(ManifestError) -> Located<GuardedURL> {
    if node.isMapping {
      let keys = try node.mapping(keys: ["variable", "file"])
      return node.located(.secret(try decodeSecretSource(keys)))
    }
    let url = try node.text("text, or a mapping with `variable` or `file`")
    if let problem = problem(url) { throw node.error("\(quoted(node.path)) \(problem)") }
    return node.located(.inline(url))
  }

  private func decodeStream(_ node: ManifestNode?) throws(ManifestError) -> Stream {
    guard let keys = try node?.mapping(keys: ["path", "caFile", "certFile", "keyFile", "proxy", "origin", "headers"])
    else {
      return Stream(path: system.streamPath)
    }
    var stream = Stream(path: system.streamPath, caFile: try resolvedPath(keys["caFile"]))
    stream.certificateFile = try resolvedPath(keys["certFile"])
    stream.keyFile = try resolvedPath(keys["keyFile"])
    stream.proxy = try keys["proxy"].map { node throws(ManifestError) in
      try decodeGuardedURL(node) { url in
        url.contains("@")
          ? "has credentials, which do not belong in the manifest: name a `variable` or a `file` with the whole URL"
          : proxyURLProblem(url)
      }
    }
    if let node = keys["path"] {
      let path = try node.text()
      guard path.hasPrefix("/"), !path.contains(" "), !path.contains("#") else {
        throw node.error("\(quoted(node.path)) must be a URL's path: it begins with `/` and has no space and no `#`")
      }
      stream.path = path
    }
    stream.origin = try keys["origin"].map { node throws(ManifestError) in
      let origin = try node.text()
      if let problem = originProblem(origin) { throw node.error("\(quoted(node.path)) \(problem)") }
      return origin
    }
    stream.headers = try keys["headers"]?.list().map(decodeHeader) ?? []
    return stream
  }

  private func decodeHeader(_ node: ManifestNode) throws(ManifestError) -> Located<Header> {
    if node.isMapping, let inline = try node.entriesOfAnyName().first(where: { $0.key.value == "value" }) {
      throw ManifestError(
        "a header's value does not belong in the manifest: name a `file` whose first line it is, or a `variable`",
        at: inline.key.location)
    }
    let keys = try node.mapping(keys: ["name", "file", "variable"])
    let nameNode = try keys.required("name")
    let name = try nameNode.text()
    guard isHeaderName(name) else { throw nameNode.error("\(quoted(name)) is no name that an HTTP header can have") }
    return node.located(Header(name: name, source: try decodeSecretSource(keys)))
  }

  private func decodeSecretSource(_ keys: ManifestMapping) throws(ManifestError) -> SecretSource {
    switch (keys["variable"], keys["file"]) {
    case (let variable?, nil): return .variable(try decodeVariableName(variable).value)
    case (nil, let file?): return .file(try decodePath(file).value)
    default:
      throw ManifestError("\(quoted(keys.path)) must have one of the keys `variable` and `file`", at: keys.location)
    }
  }

  func decodeVariableName(_ node: ManifestNode) throws(ManifestError) -> Located<String> {
    let name = try node.text("text that names a variable")
    if let problem = variableNameProblem(name) { throw node.error("\(quoted(node.path)) \(problem)") }
    return node.located(name)
  }

  /// What is wrong with a variable's name; nil for nothing.
  func variableNameProblem(_ name: String) -> String? {
    !name.isEmpty && !name.contains("=") && !name.contains(" ") && !name.hasPrefix("$")
      ? nil : "must be the bare name of a variable, without `$`, `=` and spaces"
  }

  private func decodeChecks(
    _ node: ManifestNode?, knownChecks: [String]
  ) throws(ManifestError) -> [Located<CheckOverride>] {
    var overrides: [Located<CheckOverride>] = []
    for (id, value) in try node?.entriesOfAnyName() ?? [] {
      guard knownChecks.contains(id.value) else {
        throw ManifestError(
          "unknown check \(quoted(id.value))\(suggestion(for: id.value, among: knownChecks))", at: id.location)
      }
      let keys = try value.mapping(keys: ["severity", "suppress", "reason"])
      let severity = try keys["severity"]?.choice(Severity.self)
      let isSuppressed = try keys["suppress"]?.boolean() ?? false
      let reason = try keys.required("reason").text()
      guard severity != nil || isSuppressed else {
        throw value.error("\(quoted(value.path)) changes nothing: give a `severity`, or `suppress: true`")
      }
      let override = CheckOverride(check: id.value, severity: severity, isSuppressed: isSuppressed, reason: reason)
      overrides.append(Located(override, at: id.location))
    }
    return overrides
  }

  private func completeStreamURLs(_ node: ManifestNode?) throws(ManifestError) -> [Located<String>] {
    var urls: [Located<String>] = []
    for url in node.map({ $0.elements ?? [$0] }) ?? [] {
      urls.append(try completeStreamURL(url, shape: "text or a list"))
    }
    return urls
  }

  private func completeStreamURL(_ node: ManifestNode, shape: String) throws(ManifestError) -> Located<String> {
    switch streamURL(try node.text(shape), path: stream.path) {
    case .complete(let url): return node.located(url)
    case .problem(let problem): throw node.error("\(quoted(node.path)) \(problem)")
    case .lacksPath:
      // A system that pushes over WebSocket has no event stream whose path could be asked for.
      if system.handshake == .webSocket { return node.located(try node.text(shape)) }
      throw node.error(
        "\(quoted(node.path)) has no path, and \(system.rawValue) has no fixed one: give it here or as `stream.path`")
    }
  }
}

/// Whether this can be an instance's name: ASCII letters, digits, `_`, `.` and `-`.
public func isInstanceName(_ name: String) -> Bool {
  !name.isEmpty
    && name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
        true
      default: false
      }
    }
}
