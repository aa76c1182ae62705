import Facts

/// The environment of a container as the kubelet makes it: the entries of `envFrom` in their order, then those of `env`
/// in theirs; each overwrites what was there (kubernetes, `pkg/kubelet/kubelet_pods.go`, `makeEnvironmentVariables`).
///
/// What is not known overwrites too: a Secret that was not given may set any variable.
struct KubernetesContainer {
  /// How many variables all entries may set, and how many bytes expansion may touch; a process gets far less.
  private static let maximumAssignments = 100_000
  private static let maximumSize = 32 << 20

  private(set) var variables: [String: EnvironmentVariable] = [:]
  private(set) var unresolved: [String: Unseen] = [:]
  private(set) var mayHoldMore: Unseen?
  /// Why variables that refer to others are not known in the end.
  private var causes: [String: Unseen] = [:]
  private var data: KubernetesData
  private let namespace: String?
  private let hasServiceLinks: Bool
  private let place: Location
  private var assignments = 0
  private var size = 0

  /// - Parameters:
  ///   - namespace: The workload's.
  ///   - hasServiceLinks: `enableServiceLinks` of the pod.
  ///   - place: Where the container stands.
  init(_ data: KubernetesData, namespace: String?, hasServiceLinks: Bool, place: Location) {
    self.data = data
    self.namespace = namespace
    self.hasServiceLinks = hasServiceLinks
    self.place = place
  }

  mutating func read(_ container: YAMLNode) throws(EnvFileError) {
    for source in try container.list("envFrom", of: "the container") { try readAll(source) }
    for entry in try container.list("env", of: "the container") { try readOne(entry) }
  }

  /// An entry of `envFrom`: every key of an object becomes a variable. Since Kubernetes 1.30 the kubelet takes them all;
  /// before, it left out those that begin with a digit.
  private mutating func readAll(_ source: YAMLNode) throws(EnvFileError) {
    let prefix = try source.text("prefix", of: "an entry of `envFrom`") ?? ""
    guard prefix.utf8.count <= 253, isVariableName(prefix) else {
      throw source.error("a `prefix` may have up to 253 printable ASCII characters other than `=`")
    }
    for (field, kind) in [("configMapRef", KubernetesObject.Kind.configMap), ("secretRef", .secret)] {
      guard let node = try source.field(field, of: "an entry of `envFrom`") else { continue }
      let reference = try self.reference(node, kind, field)
      switch try data.content(of: reference, from: node.location) {
      case .entries(let entries, _):
        for (key, entry) in entries {
          try set(prefix + key, entry.value, isWritten: kind == .configMap, at: entry.location)
        }
      case .unknown(var reason):
        reason.location = node.location
        reason.detail += try remark(on: node, reference)
        reason.detail = "variables\(prefix.isEmpty ? "" : " that begin with `\(prefix)`") come from \(reason.detail)"
        try leaveOpen(prefix: prefix, reason)
      }
      return
    }
    throw source.error("an entry of `envFrom` needs a `configMapRef` or a `secretRef`")
  }

  /// Notes that variables with a prefix may come from what is not known.
  private mutating func leaveOpen(prefix: String, _ reason: Unseen) throws(EnvFileError) {
    try count(1 + variables.count)
    for name in variables.keys.filter({ $0.hasPrefix(prefix) }) {
      unresolved[name] = Unseen(
        reason.kind, "it may be overwritten: later in `envFrom` \(reason.detail)", at: reason.location)
      variables[name] = nil
    }
    if let before = mayHoldMore {
      // A few say enough: each that is added makes the next one show.
      if before.detail.utf8.count < 300 { mayHoldMore?.detail += "; \(reason.detail)" }
    } else {
      mayHoldMore = reason
    }
  }

  /// An entry of `env`.
  private mutating func readOne(_ entry: YAMLNode) throws(EnvFileError) {
    let name = try entry.requiredText("name", of: "an entry of `env`")
    guard isVariableName(name) else {
      throw entry.error("a variable's name may have printable ASCII characters other than `=` only")
    }
    if let node = try entry.field("value", of: "an entry of `env`"), case let text = try node.text("`value`"),
      !text.isEmpty
    {
      return try setExpanded(name, text, at: node.location)
    }
    guard let source = try entry.field("valueFrom", of: "an entry of `env`") else {
      return try set(name, .seen(Secret("")), at: entry.location)
    }
    for field in ["fieldRef", "resourceFieldRef"] where try source.field(field, of: "`valueFrom`") != nil {
      let path = field == "fieldRef" ? "fieldPath" : "resource"
      let what = try source.field(field, of: "`valueFrom`")?.text(path, of: "`\(field)`") ?? ""
      let reason =
        "the cluster sets it for each pod (`\(field)` \(what.prefix(60))): only a running pod's environment has it"
      return try set(name, .unseen(Unseen(.notAttempted, reason, at: source.location)), at: source.location)
    }
    for (field, kind) in [("configMapKeyRef", KubernetesObject.Kind.configMap), ("secretKeyRef", .secret)] {
      guard let node = try source.field(field, of: "`valueFrom`") else { continue }
      return try readKey(name, node, reference(node, kind, field))
    }
    try set(
      name, .unseen(Unseen(.notUnderstood, "its `valueFrom` is of a kind that is not read here", at: source.location)),
      at: source.location)
  }

  private mutating func readKey(
    _ name: String, _ node: YAMLNode, _ reference: KubernetesData.Reference
  ) throws(EnvFileError) {
    let key = try node.requiredText("key", of: "the reference")
    let place = node.location
    switch try data.content(of: reference, from: place) {
    case .unknown(var reason):
      reason.location = place
      reason.detail = "it comes from the key \(key) of \(reason.detail)\(try remark(on: node, reference))"
      try set(name, .unseen(reason), at: place)
    case .entries(let entries, let object):
      if let entry = entries[key] {
        return try set(name, entry.value, isWritten: reference.kind == .configMap, at: entry.location)
      }
      // The kubelet passes over the entry then: what `envFrom` set stays.
      if try node.flag("optional", of: "the reference") == true { return }
      let binary = try object.node.entries("binaryData", of: "the object").contains { $0.key == key }
      let remark = binary ? "has it in `binaryData` only, which gives no variables" : "does not have"
      let reason = Unseen(
        .missing,
        "it comes from the key \(key), which \(reference.title) (\(object.node.location)) \(remark): the container would "
          + "not start", at: place)
      try set(name, .unseen(reason), at: place)
    }
  }

  private func reference(
    _ node: YAMLNode, _ kind: KubernetesObject.Kind, _ field: String
  ) throws(EnvFileError) -> KubernetesData.Reference {
    // Whether it is optional does not matter where it was not given: it may be in the cluster.
    KubernetesData.Reference(kind: kind, name: try node.requiredText("name", of: "`\(field)`"), namespace: namespace)
  }

  /// What to do where an object was not given because there is none, to go on behind the advice to get it.
  private func remark(
    on node: YAMLNode, _ reference: KubernetesData.Reference
  ) throws(EnvFileError) -> String {
    guard try node.flag("optional", of: "the reference") == true else { return "" }
    return "; it is optional: if the cluster has none, add a \(reference.kind.rawValue) of that name without `data`"
  }

  private mutating func set(
    _ name: String, _ value: Observation<Secret>, isWritten: Bool = false, at location: Location
  ) throws(EnvFileError) {
    try count(1)
    variables[name] = nil
    unresolved[name] = nil
    causes[name] = nil
    switch value {
    case .seen(let value) where value.reveal().utf8.contains(0):
      unresolved[name] = Unseen(
        .notUnderstood, "its value holds a NUL byte, so the container would not start", at: location)
    case .seen(let value):
      variables[name] = EnvironmentVariable(
        name: name, value: value, location: location, isWrittenInManifest: isWritten)
    case .unseen(let reason):
      unresolved[name] = reason
    }
  }

  private mutating func setExpanded(_ name: String, _ text: String, at location: Location) throws(EnvFileError) {
    try grow(text.utf8.count)
    let expanded = try expandKubernetesReferences(Array(text.utf8)) {
      (name: String) throws(EnvFileError) -> KubernetesReference in
      if let variable = variables[name] {
        let value = Array(variable.value.reveal().utf8)
        try grow(value.count)
        return .value(value)
      }
      return unknown(name).map { .unknown($0) } ?? .undefined
    }
    guard let (other, cause) = expanded.unknown else {
      return try set(
        name, .seen(Secret(String(decoding: expanded.value, as: UTF8.self))),
        isWritten: isWritten(expanded.value, replaced: expanded.replaced), at: location)
    }
    // Only what is set is known to be a variable's name: anything else may be a part of a password.
    let isName = causes[other] != nil || unresolved[other] != nil
    let subject = isName ? String(other.prefix(60)) : "a variable that the container does not set by itself"
    let reason = Unseen(cause.kind, "it refers to \(subject): \(cause.detail)", at: cause.location ?? location)
    try set(name, .unseen(reason), at: location)
    causes[name] = cause
  }

  /// Why it can't be said what a reference to a variable that has no value stands for; nil where it stays as it is.
  private func unknown(_ name: String) -> Unseen? {
    if let reason = causes[name] ?? unresolved[name] { return reason }
    if isServiceVariable(name), hasServiceLinks || name.hasPrefix("KUBERNETES_") {
      return Unseen(
        .notAttempted, "the cluster sets it where there is such a service: only a running pod's environment has it")
    }
    return mayHoldMore
  }

  private mutating func count(_ more: Int) throws(EnvFileError) {
    assignments += more
    if assignments > Self.maximumAssignments { throw tooLarge("more than \(Self.maximumAssignments) variables") }
  }

  private mutating func grow(_ bytes: Int) throws(EnvFileError) {
    size += bytes
    if size > Self.maximumSize { throw tooLarge("values of more than \(Self.maximumSize) bytes together") }
  }

  private func tooLarge(_ what: String) -> EnvFileError {
    EnvFileError(.tooLarge, "the container's environment would be \(what), which no process can have", at: place)
  }
}

/// Whether a name has nothing but what Kubernetes allows in one (kubernetes, `IsRelaxedEnvVarName`).
private func isVariableName(_ text: String) -> Bool {
  text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != Byte.equals }
}

/// Whether the kubelet makes variables of this name for services (kubernetes, `pkg/kubelet/envvars`).
private func isServiceVariable(_ name: String) -> Bool {
  name.hasSuffix("_SERVICE_HOST") || name.contains("_SERVICE_PORT") || name.hasSuffix("_PORT")
    || name.contains("_PORT_") && (name.contains("_TCP") || name.contains("_UDP") || name.contains("_SCTP"))
}
