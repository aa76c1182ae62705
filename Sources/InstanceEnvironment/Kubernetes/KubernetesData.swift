import Facts
import Foundation

/// The ConfigMaps and Secrets among the objects, by what refers to them.
struct KubernetesData {
  /// One key's value, or why no variable can have it.
  struct Entry {
    var value: Observation<Secret>
    var location: Location
  }

  /// A ConfigMap or Secret as a container names it.
  struct Reference: Hashable {
    var kind: KubernetesObject.Kind
    var name: String
    var namespace: String? = nil
  }

  /// What stands behind a reference.
  enum Content {
    case entries([String: Entry], object: KubernetesObject)
    /// Nothing that was given says what is in it.
    case unknown(Unseen)
  }

  /// The objects of each kind and name, in any namespace.
  private var objects: [Reference: [KubernetesObject]] = [:]
  /// Those that operators in the cluster make Secrets from.
  private var sources: [Reference: [KubernetesObject]] = [:]
  private var read: [Reference: Content] = [:]

  init(_ objects: [KubernetesObject]) throws(EnvFileError) {
    for object in objects {
      if object.kind == .configMap || object.kind == .secret {
        self.objects[Reference(kind: object.kind, name: object.name), default: []].append(object)
      } else if let name = try object.madeSecret() {
        sources[Reference(kind: .secret, name: name), default: []].append(object)
      }
    }
  }

  /// What stands behind a reference of a container.
  mutating func content(of reference: Reference, from place: Location) throws(EnvFileError) -> Content {
    if let known = read[reference] { return known }
    let content = try find(reference, from: place)
    read[reference] = content
    return content
  }

  private func find(_ reference: Reference, from place: Location) throws(EnvFileError) -> Content {
    let namespace = reference.namespace ?? defaultNamespace
    func isIn(_ object: KubernetesObject) -> Bool { (object.namespace ?? defaultNamespace) == namespace }
    let anywhere = Reference(kind: reference.kind, name: reference.name)
    let named = objects[anywhere] ?? []
    let found = named.filter(isIn)
    guard let object = found.first else {
      let why = whyMissing(reference, others: named, source: sources[anywhere]?.first(where: isIn))
      return .unknown(Unseen(.missing, "\(reference.title), \(why)", at: place))
    }
    if let twin = found.dropFirst().first {
      throw twin.node.error("\(object.title) is defined twice, here and at \(object.node.location): leave one out")
    }
    if try object.node.field("sops", of: "the object") != nil {
      return .unknown(
        Unseen(
          .missing,
          "\(reference.title), which SOPS encrypted at \(object.node.location): give what `sops --decrypt` prints of it, "
            + "or \(reference.remedy)", at: place))
    }
    return .entries(try entries(of: object), object: object)
  }

  private func whyMissing(
    _ reference: Reference, others: [KubernetesObject], source: KubernetesObject?
  ) -> String {
    if let source {
      return "which the \(source.kind.rawValue) at \(source.node.location) makes in the cluster: \(reference.remedy)"
    }
    if let other = others.first {
      return "which is among the files for \(other.namespace.map { "the namespace \($0)" } ?? "no namespace") only "
        + "(\(other.node.location)), and the workload is in \(reference.namespace ?? "none"): add `namespace:`, or "
        + reference.remedy
    }
    return "which is not among the files: \(reference.remedy)"
  }
}

extension KubernetesData.Reference {
  /// `the secret db-credentials`.
  var title: String { "the \(kind.rawValue.lowercased()) \(name)" }

  /// What to add, as a command to copy; a name that no object can have is not put into one.
  var remedy: String {
    func isSafe(_ text: String) -> Bool { text.utf8.allSatisfy { isNameByte($0) } && !text.hasPrefix("-") }
    guard isSafe(name), isSafe(namespace ?? "") else { return "add it" }
    let inNamespace = namespace.map { " -n \($0)" } ?? ""
    return "add the output of `kubectl get \(kind.rawValue.lowercased()) \(name)\(inNamespace) -o yaml`"
  }
}

extension KubernetesObject {
  /// The name of the Secret that an operator in the cluster makes from this object; nil where none does.
  fileprivate func madeSecret() throws(EnvFileError) -> String? {
    let path: [String]
    switch kind {
    case .externalSecret: path = ["spec", "target"]
    case .sealedSecret: path = ["spec", "template", "metadata"]
    default: return nil
    }
    return try node.field(at: path)?.text("name", of: "the target") ?? name
  }
}

/// What variables can come from an object: `data` of a ConfigMap; `data` and then `stringData` of a Secret. `binaryData`
/// gives no variables.
private func entries(of object: KubernetesObject) throws(EnvFileError) -> [String: KubernetesData.Entry] {
  var entries: [String: KubernetesData.Entry] = [:]
  for field in object.kind == .secret ? ["data", "stringData"] : ["data"] {
    for (key, location, node) in try object.node.entries(field, of: "the object") {
      // What a key may have: kubernetes, `IsConfigMapKey`.
      guard (1...253).contains(key.utf8.count), key.utf8.allSatisfy(isNameByte) else {
        throw EnvFileError(
          .malformed, "a key in `\(field)` may have up to 253 letters, digits, `-`, `_` and `.`", at: location)
      }
      let text = try node.text("the value in `\(field)`")
      let isEncoded = object.kind == .secret && field == "data"
      let value = isEncoded ? try decoded(text, at: node.location) : .seen(Secret(text))
      entries[key] = KubernetesData.Entry(value: value, location: location)
    }
  }
  return entries
}

/// Base64 as Go decodes it: line ends in it do not count (RFC 4648 section 4, `encoding/base64`).
private func decoded(_ text: String, at location: Location) throws(EnvFileError) -> Observation<Secret> {
  let digits = text.utf8.filter { $0 != Byte.lineFeed && $0 != Byte.carriageReturn }
  guard let data = Data(base64Encoded: Data(digits)) else {
    throw EnvFileError(
      .malformed,
      "a value in `data` of a Secret must be base64, and this is not: text as it is belongs into `stringData`",
      at: location)
  }
  guard let value = String(validating: data, as: UTF8.self) else {
    return .unseen(Unseen(.notUnderstood, "is not text in UTF-8, so the container would not start", at: location))
  }
  return .seen(Secret(value))
}
