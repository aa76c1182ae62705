import Facts

/// The parts of one YAML document of a compose file that matter here.
struct ComposeDocument {
  var file: String
  var name: YAMLNode?
  var services: [String: YAMLNode] = [:]
  /// Whether its services take the place of those in the documents before it.
  var clearsServices = false
  /// Where it includes other files; nil where it does not.
  var include: Location?

  init(_ root: YAMLNode, file: String) throws(EnvFileError) {
    self.file = file
    guard root.isMapping else {
      throw root.error("a compose file must be a mapping with the key `services`, not \(root.kind)")
    }
    if let name = root["name"], !name.isNull { self.name = name }
    if let include = root["include"], !include.isNull {
      if case .list(let files) = include.content, files.isEmpty {
      } else {
        self.include = include.location
      }
    }
    guard let services = root["services"] else { return }
    clearsServices = services.isReset || services.isOverride
    if services.isReset { return }
    guard case .mapping(let entries) = services.content else {
      throw services.error("`services` must be a mapping, not \(services.kind)")
    }
    for entry in entries {
      guard let name = entry.key.text else {
        throw entry.key.error("a service's name must be text, not \(entry.key.kind)")
      }
      self.services[name] = entry.value
    }
  }
}

/// The largest compose file that is read, in bytes.
let maximumComposeSize = 1 << 20

/// Reads the documents of a compose file.
func composeDocuments(_ file: String) throws(EnvFileError) -> [ComposeDocument] {
  // Each may lay another service over the one before it, and each of these extend others.
  let maximumDocuments = 100
  let roots = try readYAMLDocuments(fileBytes(file, atMost: maximumComposeSize), path: file)
  if roots.count > maximumDocuments {
    throw EnvFileError(
      .tooLarge, "the file holds more than \(maximumDocuments) YAML documents", at: roots[maximumDocuments].location)
  }
  var documents: [ComposeDocument] = []
  for root in roots { documents.append(try ComposeDocument(root, file: file)) }
  return documents
}
