import Facts

/// An object of a manifest, of a kind that has to do with environments.
struct KubernetesObject {
  enum Kind: String, CaseIterable {
    case deployment = "Deployment"
    case statefulSet = "StatefulSet"
    case daemonSet = "DaemonSet"
    case replicaSet = "ReplicaSet"
    case job = "Job"
    case cronJob = "CronJob"
    case pod = "Pod"
    case configMap = "ConfigMap"
    case secret = "Secret"
    case externalSecret = "ExternalSecret"
    case sealedSecret = "SealedSecret"

    /// What `apiVersion` begins with: other groups have kinds of the same names.
    var groups: [String] {
      switch self {
      case .deployment, .statefulSet, .daemonSet, .replicaSet: ["apps/", "extensions/"]
      case .job, .cronJob: ["batch/"]
      case .pod, .configMap, .secret: ["v1"]
      case .externalSecret: ["external-secrets.io/"]
      case .sealedSecret: ["bitnami.com/"]
      }
    }

    /// The names that kubectl knows it by.
    var spellings: [String] {
      let name = rawValue.lowercased()
      let short: [String] =
        switch self {
        case .deployment: ["deploy"]
        case .statefulSet: ["sts"]
        case .daemonSet: ["ds"]
        case .replicaSet: ["rs"]
        case .cronJob: ["cj"]
        case .pod: ["po"]
        default: []
        }
      return [name, name + "s"] + short
    }

    /// Where its pods are described; nil for what has none.
    var podSpec: [String]? {
      switch self {
      case .pod: ["spec"]
      case .cronJob: ["spec", "jobTemplate", "spec", "template", "spec"]
      case .deployment, .statefulSet, .daemonSet, .replicaSet, .job: ["spec", "template", "spec"]
      case .configMap, .secret, .externalSecret, .sealedSecret: nil
      }
    }
  }

  var kind: Kind
  var name: String
  /// The namespace that the manifest names; nil where it leaves that to kubectl.
  var namespace: String?
  var node: YAMLNode

  /// `deployment/web`.
  var title: String { "\(kind.rawValue.lowercased())/\(name)" }
}

/// The namespace that kubectl takes where none is named.
let defaultNamespace = "default"

/// The objects of manifests. Lists, as `kubectl get` prints them, are taken apart.
func kubernetesObjects(in documents: [YAMLNode]) throws(EnvFileError) -> [KubernetesObject] {
  var objects: [KubernetesObject] = []
  for document in documents {
    let kind = try document.requiredText("kind", of: "a Kubernetes object")
    let version = try document.requiredText("apiVersion", of: "a Kubernetes object")
    if version.hasPrefix("kustomize.config.k8s.io/") {
      throw document.error("it is for Kustomize: run `kubectl kustomize FOLDER > all.yaml` and give that file")
    }
    guard kind.hasSuffix("List"), case let items = try document.list("items", of: "a list"), !items.isEmpty else {
      if let object = try kubernetesObject(document, kind: kind, version: version) { objects.append(object) }
      continue
    }
    for item in items {
      // The items of a `PodList` from the API itself don't repeat what they are.
      let itemKind = try item.text("kind", of: "a list's item") ?? String(kind.dropLast("List".count))
      let itemVersion = try item.text("apiVersion", of: "a list's item") ?? version
      if let object = try kubernetesObject(item, kind: itemKind, version: itemVersion) { objects.append(object) }
    }
  }
  return objects
}

private func kubernetesObject(
  _ node: YAMLNode, kind: String, version: String
) throws(EnvFileError) -> KubernetesObject? {
  guard let kind = KubernetesObject.Kind(rawValue: kind), kind.groups.contains(where: { version.hasPrefix($0) }) else {
    return nil
  }
  guard let metadata = try node.field("metadata", of: "the object") else {
    throw node.error("the object needs `metadata` with its name")
  }
  let generated = try metadata.field("generateName", of: "`metadata`")
  let isNamed = try metadata.field("name", of: "`metadata`") != nil
  let name = try metadata.requiredText(isNamed || generated == nil ? "name" : "generateName", of: "`metadata`")
  if name.contains("{{") { throw notRendered(metadata.location) }
  let hasNamespace = try metadata.text("namespace", of: "`metadata`")?.isEmpty == false
  let namespace = hasNamespace ? try metadata.requiredText("namespace", of: "`metadata`") : nil
  return KubernetesObject(kind: kind, name: name, namespace: namespace, node: node)
}
