import Facts
import Foundation

/// Compose files that are merged in their order, under the environment that compose is run in.
struct ComposeProject {
  private static let maximumChain = 50

  /// The environment that references are resolved in: the given one, then the project's `.env` file.
  private(set) var environment: [String: Secret]
  /// Those of its variables that lack what the project's `.env` file refers to.
  let incomplete: Set<String>
  /// The folder of the first file, where `.env` is and what paths in all of the files are relative to.
  private let folder: String
  private let documents: [ComposeDocument]
  private var references: ComposeReferences
  /// The documents of files whose services are extended.
  private var extended: [String: [ComposeDocument]] = [:]

  init(_ files: [String], environment given: [String: Secret]) throws(EnvFileError) {
    guard let first = files.first else {
      throw EnvFileError(.missing, "no compose file was given", at: Location(file: "compose.yaml"))
    }
    folder = parent(of: first)
    (environment, incomplete) = try projectEnvironment(in: folder, given: given)
    var documents: [ComposeDocument] = []
    for file in files { documents += try composeDocuments(file) }
    self.documents = documents
    references = ComposeReferences(environment, incomplete: incomplete)
    let nameVariable = "COMPOSE_PROJECT_NAME"
    if environment[nameVariable] == nil {
      environment[nameVariable] = Secret(try projectName())
      references.variables = environment
    }
  }

  /// The names of all services, sorted.
  func serviceNames() throws(EnvFileError) -> [String] {
    if let include = documents.lazy.compactMap(\.include).first {
      throw EnvFileError(
        .malformed, "the file includes others, which are not followed, so its services are not all known", at: include)
    }
    var names: Set<String> = []
    for document in documents {
      if document.clearsServices { names = [] }
      for (name, node) in document.services {
        if node.isReset { names.remove(name) } else { names.insert(name) }
      }
    }
    return names.sorted()
  }

  /// What all files together say of a service.
  mutating func service(_ name: String) throws(EnvFileError) -> ComposeService {
    var merged: ComposeService?
    for document in documents {
      if document.clearsServices { merged = nil }
      if let include = document.include, document.services[name] == nil {
        // What a file includes may not name a service that the file itself names (compose-go, loader/include.go).
        throw EnvFileError(
          .malformed,
          "the file includes others, which are not followed, so what they say of `\(name)` is not known: name them as "
            + "files of the project instead, or print everything in one with `docker compose config`",
          at: include)
      }
      guard let node = document.services[name] else { continue }
      if node.isReset || node.isOverride { merged = nil }
      if node.isReset { continue }
      let layer = try service(name, in: [document], folder: folder, chain: [link(document.file, name)])
      merged = layer.laid(over: merged ?? ComposeService())
    }
    if let merged { return merged }
    let names = try serviceNames()
    let known = list(names.map { "`\($0)`" })
    throw EnvFileError(
      .missing, "there is no service `\(name)`; \(names.isEmpty ? "there are no services" : "there are \(known)")",
      at: Location(file: documents.last?.file ?? folder))
  }

  /// One service of some documents, with what it extends (compose-go, loader/extends.go).
  ///
  /// - Parameters:
  ///   - folder: the folder that the documents' paths are relative to.
  ///   - chain: the services, with their files, that led here, this one included.
  private mutating func service(
    _ name: String, in documents: [ComposeDocument], folder: String, chain: [String]
  ) throws(EnvFileError) -> ComposeService {
    var reading = ComposeServiceReading(
      folder: folder, home: environment["HOME"]?.reveal(), references: references)
    var merged = ComposeService()
    for node in documents.compactMap({ $0.services[name] }) {
      let layer = try reading.service(node, named: name)
      merged = layer.laid(over: node.isReset || node.isOverride ? ComposeService() : merged)
    }
    references = reading.references

    guard let base = merged.extends else { return merged }
    let file = base.file ?? documents.first?.file ?? ""
    let link = link(file, base.service)
    guard !chain.contains(link), chain.count < Self.maximumChain else {
      throw EnvFileError(
        .malformed, "`extends` goes in a circle, or over more than \(Self.maximumChain) services", at: base.location)
    }
    let scope = base.file == nil ? documents : try documentsToExtend(file, named: base.location)
    guard scope.contains(where: { $0.services[base.service] != nil }) else {
      throw EnvFileError(
        .missing, "there is no service `\(base.service)` in \(file) to extend", at: base.location)
    }
    let source = try service(
      base.service, in: scope, folder: base.file == nil ? folder : parent(of: file), chain: chain + [link])
    var result = merged.laid(over: source)
    result.extends = nil
    return result
  }

  private mutating func documentsToExtend(
    _ file: String, named location: Location
  ) throws(EnvFileError) -> [ComposeDocument] {
    if let known = extended[file] { return known }
    do {
      let documents = try composeDocuments(file)
      extended[file] = documents
      return documents
    } catch  where error.location.line == nil {
      throw EnvFileError(error.kind, "the file to extend, \(file), can't be read: \(error.message)", at: location)
    }
  }

  /// The name that `name:` of the last file gives the project, or its folder's, as compose normalizes it (compose-go,
  /// loader/loader.go, NormalizeProjectName).
  private mutating func projectName() throws(EnvFileError) -> String {
    var name = URL(filePath: folder).standardizedFileURL.lastPathComponent
    if let node = documents.last(where: { $0.name != nil })?.name, case .text(let text)? = node.scalar {
      name = try references.replace(in: text, at: node.location).text
    }
    let allowed = name.lowercased().unicodeScalars.filter { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789-_".unicodeScalars.contains(scalar))
    }
    return String(String.UnicodeScalarView(allowed.drop { "-_".unicodeScalars.contains($0) }))
  }
}

/// The given environment over what the `.env` file of a folder says, if there is one (compose-go, cli/options.go).
private func projectEnvironment(
  in folder: String, given: [String: Secret]
) throws(EnvFileError) -> (environment: [String: Secret], incomplete: Set<String>) {
  let path = join(folder, ".env")
  let bytes: [UInt8]
  do {
    bytes = try envFileBytes(path)
  } catch  where error.kind == .missing || (try? fileKind(of: path)) == .folder {
    return (given, [])
  }
  let read = try parseEnvFile(bytes, path: path, dialect: .compose, inherited: given)
  return (
    given.merging(read.variables.mapValues(\.value)) { given, _ in given }, read.incomplete.filter { given[$0] == nil }
  )
}

private func link(_ file: String, _ service: String) -> String { "\(file)\n\(service)" }

private func parent(of file: String) -> String {
  let parent = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  return parent.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : parent
}
