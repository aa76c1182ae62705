import Facts

/// The workloads that manifests hold, for the choice between them: `deployment/web`, and `prod/deployment/web` where
/// there are several namespaces. Sorted.
///
/// - Parameter places: Files, or folders whose files count.
/// - Throws: What `readKubernetes` throws about files.
public func kubernetesWorkloads(_ places: [String]) throws(EnvFileError) -> [String] {
  titles(try kubernetesObjects(in: readManifests(places)).filter { $0.kind.podSpec != nil })
}

/// The workload that a name means: `web`, `deployment/web`, `deploy/web` or `prod/deployment/web`; without a name the
/// only one.
func chooseWorkload(
  _ given: String?, among objects: [KubernetesObject], places: [String]
) throws(EnvFileError) -> KubernetesObject {
  let workloads = objects.filter { $0.kind.podSpec != nil }
  let location = Location(file: places.joined(separator: ", "))
  if workloads.isEmpty {
    let kinds = KubernetesObject.Kind.allCases.filter { $0.podSpec != nil }.map(\.rawValue).joined(separator: ", ")
    throw EnvFileError(.missing, "there is no workload in it; expected one of \(kinds)", at: location)
  }
  let chosen = given.map { name in workloads.filter { isMeant($0, by: name) } } ?? workloads
  if let only = chosen.first, chosen.count == 1 { return only }
  if let first = chosen.first, let twin = chosen.dropFirst().first(where: { isSame($0, as: first) }) {
    throw twin.node.error("\(first.title) is defined twice, here and at \(first.node.location): leave one out")
  }
  let name = given.map { "`\($0)`" }
  throw EnvFileError(
    .missing,
    chosen.isEmpty
      ? "there is no workload \(name ?? ""); there is \(list(titles(workloads)))"
      : "\(name.map { "\($0) may be any of these workloads" } ?? "there are several workloads, so one must be named"): "
        + list(titles(chosen)), at: location)
}

/// The container of a pod that a name means, init containers included; without a name the only one of those that run.
func chooseContainer(_ given: String?, of workload: KubernetesObject) throws(EnvFileError) -> YAMLNode {
  guard let path = workload.kind.podSpec, let pod = try workload.node.field(at: path) else {
    throw workload.node.error("\(workload.title) says nothing about its pods")
  }
  var named: [(name: String, node: YAMLNode)] = []
  for field in ["containers", "initContainers"] {
    if field == "initContainers", given == nil { break }
    for container in try pod.list(field, of: "the pod's `spec`") {
      named.append((try container.requiredText("name", of: "a container"), container))
    }
  }
  let chosen = given.map { given in named.filter { $0.name == given } } ?? named
  if let only = chosen.first, chosen.count == 1 { return only.node }
  let names = list(named.map(\.name))
  if named.isEmpty { throw pod.error("\(workload.title) has no containers") }
  if given == nil {
    throw pod.error("\(workload.title) has several containers, so one must be named: \(names)")
  }
  throw pod.error(
    chosen.isEmpty
      ? "\(workload.title) has no container of that name; there is \(names)"
      : "\(workload.title) has two containers of that name")
}

/// Whether two objects are one in a cluster.
func isSame(_ object: KubernetesObject, as other: KubernetesObject) -> Bool {
  object.kind == other.kind && object.name == other.name
    && (object.namespace ?? defaultNamespace) == (other.namespace ?? defaultNamespace)
}

private func isMeant(_ workload: KubernetesObject, by given: String) -> Bool {
  let parts = given.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  guard parts.count <= 3, parts.last == workload.name else { return false }
  if parts.count > 1, !workload.kind.spellings.contains(parts[parts.count - 2].lowercased()) { return false }
  return parts.count < 3 || parts[0] == workload.namespace ?? defaultNamespace
}

private func titles(_ workloads: [KubernetesObject]) -> [String] {
  let namespaces = Set(workloads.map { $0.namespace ?? defaultNamespace })
  let titles = workloads.map { workload in
    (namespaces.count > 1 ? "\(workload.namespace ?? defaultNamespace)/" : "") + workload.title
  }
  return Set(titles).sorted()
}
