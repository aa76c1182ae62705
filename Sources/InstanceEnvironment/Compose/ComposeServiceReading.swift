import Facts

/// Reads one service's settings from its node, with the references in them replaced.
struct ComposeServiceReading {
  /// The folder that paths are relative to.
  var folder: String
  var home: String?
  var references: ComposeReferences

  mutating func service(_ node: YAMLNode, named name: String) throws(EnvFileError) -> ComposeService {
    if node.isNull { return ComposeService() }
    guard node.isMapping else {
      throw node.error("the service `\(name)` must be a mapping, not \(node.kind)")
    }
    var service = ComposeService()
    func given(_ key: String, _ attribute: ComposeService.Attribute) -> YAMLNode? {
      guard let value = node[key] else { return nil }
      if value.isReset || value.isOverride { service.cleared.insert(attribute) }
      return value.isReset ? nil : value
    }
    let environment = given("environment", .environment)
    let envFiles = given("env_file", .envFile)
    let extends = given("extends", .extends)
    if let environment { service.environment = try self.environment(environment, clearing: &service.cleared) }
    if let envFiles { service.envFiles = try self.envFiles(envFiles) }
    if let extends { service.extends = try base(extends) }
    return service
  }

  private mutating func environment(
    _ node: YAMLNode, clearing cleared: inout Set<ComposeService.Attribute>
  ) throws(EnvFileError) -> ComposeEnvironment {
    switch node.content {
    case .mapping(let entries):
      var environment = ComposeEnvironment(isList: false)
      for entry in entries {
        guard case .text(let name)? = entry.key.scalar else {
          throw entry.key.error("a variable's name must be text, not \(entry.key.kind); put it in quotes")
        }
        if entry.value.isReset || entry.value.isOverride { cleared.insert(.variable(name)) }
        if entry.value.isReset { continue }
        environment.settings[try checked(name, at: entry.key)] = try setting(entry.value, of: name, at: entry.key)
      }
      return environment
    case .list(let elements):
      var environment = ComposeEnvironment(isList: true)
      for element in elements where !element.isReset {
        let line = try text(element, "a variable, `NAME=value` or `NAME`")
        let parts = line.text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if let last = parts[0].last, last.isWhitespace {
          throw element.error("a variable's name ends with white space, which compose refuses; is it before the `=`?")
        }
        var setting = ComposeEnvironment.Setting(isIncomplete: line.isIncomplete, location: element.location)
        if parts.count > 1 {
          setting.value = try secret(String(parts[1]), at: element)
          setting.isWritten = isWritten(
            line.text.utf8, from: parts[0].utf8.count + 1, replaced: line.replaced)
        }
        environment.settings[try checked(String(parts[0]), at: element)] = setting
      }
      return environment
    case .scalar where node.isNull: return ComposeEnvironment(isList: true)
    case .scalar: throw node.error("`environment` must be a mapping or a list, not \(node.kind)")
    }
  }

  private mutating func setting(
    _ node: YAMLNode, of name: String, at key: YAMLNode
  ) throws(EnvFileError) -> ComposeEnvironment.Setting {
    let location = key.location
    guard node.tag != "!!binary" else { throw node.error("`\(name)` is given as !!binary, which is not understood") }
    switch node.scalar {
    case .text(let text):
      let value = try references.replace(in: text, at: location)
      return ComposeEnvironment.Setting(
        value: try secret(value.text, at: key), isIncomplete: value.isIncomplete,
        isWritten: isWritten(value.text.utf8, replaced: value.replaced), location: location)
    case .null: return ComposeEnvironment.Setting(location: location)
    case .date: throw node.error("compose takes no date without quotes as a value: put that of `\(name)` in quotes")
    case nil: throw node.error("the value of `\(name)` must be text or a number, not \(node.kind)")
    case let scalar?:
      return ComposeEnvironment.Setting(
        value: scalar.spelled.map { Secret($0) }, isWritten: scalar.spelled != nil, location: location)
    }
  }

  private func checked(_ name: String, at node: YAMLNode) throws(EnvFileError) -> String {
    if name.isEmpty { throw node.error("a variable without a name") }
    _ = try secret(name, at: node)
    return name
  }

  private func secret(_ value: String, at node: YAMLNode) throws(EnvFileError) -> Secret {
    guard !value.utf8.contains(0) else {
      throw node.error("a NUL byte, which no variable of an environment can hold")
    }
    return Secret(value)
  }

  private mutating func envFiles(_ node: YAMLNode) throws(EnvFileError) -> [ComposeEnvFile] {
    guard case .list(let elements) = node.content else { return [try envFile(node)] }
    var files: [ComposeEnvFile] = []
    for element in elements where !element.isReset { files.append(try envFile(element)) }
    return files
  }

  private mutating func envFile(_ node: YAMLNode) throws(EnvFileError) -> ComposeEnvFile {
    guard node.isMapping else {
      return ComposeEnvFile(path: try path(node, "`env_file`"), location: node.location)
    }
    guard let path = node["path"] else { throw node.error("a file of `env_file` lacks its `path`") }
    var file = ComposeEnvFile(path: try self.path(path, "`path`"), location: path.location)
    if let required = node["required"] { file.isRequired = try truth(required, "`required`") }
    if let format = node["format"] {
      switch try text(format, "`format`").text {
      case "raw": file.isRaw = true
      case "": break
      default: throw format.error("compose knows no `format` of an env_file but `raw`")
      }
    }
    return file
  }

  private mutating func base(_ node: YAMLNode) throws(EnvFileError) -> ComposeService.Base {
    guard node.isMapping else {
      return ComposeService.Base(service: try text(node, "`extends`").text, location: node.location)
    }
    guard let service = node["service"] else { throw node.error("`extends` lacks its `service`") }
    var base = ComposeService.Base(service: try text(service, "`service`").text, location: service.location)
    if let file = node["file"], !file.isNull { base.file = try path(file, "`file`") }
    return base
  }

  private mutating func path(_ node: YAMLNode, _ subject: String) throws(EnvFileError) -> String {
    let path = try text(node, subject)
    if path.isIncomplete {
      let name = path.unset.first.map { "`\($0)`" } ?? "what the project's .env file takes from a variable"
      throw node.error("\(subject) refers to \(name), which is not set in what was given, so the file is not known")
    }
    if path.text.isEmpty { throw node.error("\(subject) is empty") }
    if path.text.hasPrefix("~/"), let home { return join(home, String(path.text.dropFirst(2))) }
    return path.text.hasPrefix("/") ? path.text : join(folder, path.text)
  }

  private mutating func truth(_ node: YAMLNode, _ subject: String) throws(EnvFileError) -> Bool {
    if case .boolean(let value)? = node.scalar { return value }
    switch try text(node, subject).text.lowercased() {
    case "true", "yes", "y", "on", "1", "t": return true
    case "false", "no", "n", "off", "0", "f": return false
    default: throw node.error("\(subject) must be true or false")
    }
  }

  private mutating func text(_ node: YAMLNode, _ subject: String) throws(EnvFileError) -> ComposeText {
    guard case .text(let text)? = node.scalar else {
      throw node.error("\(subject) must be text, not \(node.kind); put it in quotes if text is meant")
    }
    return try references.replace(in: text, at: node.location)
  }
}

extension YAMLNode {
  /// Whether it takes away what it is laid over, and sets nothing.
  var isReset: Bool { tag == "!reset" }
  /// Whether it takes the place of what it is laid over instead of being merged.
  var isOverride: Bool { tag == "!override" }
}
