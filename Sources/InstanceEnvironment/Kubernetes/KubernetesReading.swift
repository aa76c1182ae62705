import Facts

/// Reads the environment that Kubernetes gives a container, from manifests: files with one or several documents, in YAML
/// or JSON, such as `kubectl kustomize`, `helm template` and `kubectl get -o yaml` print.
///
/// The variables are those that `env` and `envFrom` set. What a cluster or an image adds is not in manifests, so it is
/// left out: variables for services (`WEB_SERVICE_HOST`, `KUBERNETES_SERVICE_HOST`), those that admission webhooks
/// inject, HOSTNAME and PATH. Only a running container has them.
///
/// A reference that leads to nothing that was given makes its variable `unresolved`; where all keys of a ConfigMap or
/// Secret were to become variables, there `mayHoldMore`.
///
/// - Parameters:
///   - places: Files, or folders whose `.yaml`, `.yml` and `.json` files count.
///   - workload: `web`, `deployment/web` or `prod/deployment/web`; nil where there is one only.
///   - container: Its name, which may be an init container's; nil where the workload has one only.
/// - Throws: `missing` where a file, the workload or the container is not there, or one must be named; otherwise why a
///   file can't be read. A template of Helm and a kustomization are `malformed`, with how to render them.
public func readKubernetes(
  _ places: [String], workload: String?, container: String?
) throws(EnvFileError) -> InstanceVariables {
  let objects = try kubernetesObjects(in: readManifests(places))
  let workload = try chooseWorkload(workload, among: objects, places: places)
  let node = try chooseContainer(container, of: workload)
  let pod = try workload.node.field(at: workload.kind.podSpec ?? [])
  var environment = KubernetesContainer(
    try KubernetesData(objects), namespace: workload.namespace,
    hasServiceLinks: try pod?.flag("enableServiceLinks", of: "the pod's `spec`") ?? true, place: node.location)
  try environment.read(node)
  let name = try node.requiredText("name", of: "a container")
  return InstanceVariables(
    source: "\(places.joined(separator: ", ")) (\(workload.title), container \(name))",
    variables: environment.variables, unresolved: environment.unresolved, mayHoldMore: environment.mayHoldMore)
}
