import Facts
import Foundation
import Testing

@testable import InstanceEnvironment

@Suite("Kubernetes manifests") final class KubernetesReadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func values(
    _ places: [String], _ workload: String? = nil, _ container: String? = nil
  ) throws -> [String: String] {
    try readKubernetes(places, workload: workload, container: container).variables.mapValues { $0.value.reveal() }
  }

  private func failure(_ text: String, _ workload: String? = nil, _ container: String? = nil) throws -> EnvFileError? {
    let path = try folder.write("manifest.yaml", text)
    return #expect(throws: EnvFileError.self) {
      try readKubernetes([path], workload: workload, container: container)
    }
  }

  private func pod(_ name: String, namespace: String? = nil, _ containers: String) -> String {
    let namespace = namespace.map { ", namespace: \($0)" } ?? ""
    return "{apiVersion: v1, kind: Pod, metadata: {name: \(name)\(namespace)}, spec: {containers: [\(containers)]}}\n"
  }

  /// What `kubectl kustomize` (v5.5.0) prints for a Deployment, a ConfigMap from a file and a Secret from literals.
  private let kustomized = """
    apiVersion: v1
    data:
      A: "1"
      URL: redis://x:6379
    kind: ConfigMap
    metadata:
      name: app-c6f87f77md
      namespace: prod
    ---
    apiVersion: v1
    data:
      MULTI: YSBi
      PASSWORD: cCQkdw==
    kind: Secret
    metadata:
      name: app-secret-884chd77fb
      namespace: prod
    type: Opaque
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: prod
    spec:
      selector:
        matchLabels:
          app: web
      template:
        metadata:
          labels:
            app: web
        spec:
          containers:
          - env:
            - name: PW
              valueFrom:
                secretKeyRef:
                  key: PASSWORD
                  name: app-secret-884chd77fb
            - name: FULL
              value: $(URL)/$(PW)
            envFrom:
            - configMapRef:
                name: app-c6f87f77md
            image: x
            name: web

    """

  @Test func kustomizesOutputIsReadAndEveryVariableKnowsTheLineThatSetsIt() throws {
    let path = try folder.write("all.yaml", kustomized)
    let read = try readKubernetes([path], workload: nil, container: nil)
    #expect(read.source == "\(path) (deployment/web, container web)")
    #expect(
      read.variables.mapValues { "\($0.value.reveal()) \($0.location?.line ?? 0)" } == [
        "A": "1 3", "URL": "redis://x:6379 4", "PW": "p$$w 13", "FULL": "redis://x:6379/p$$w 42",
      ])
    #expect(read.variables.allSatisfy { $0.key == $0.value.name && $0.value.location?.file == path })
    #expect(read.unresolved.isEmpty && read.mayHoldMore == nil)
    #expect("\(read)".contains("redis://x") == false)
  }

  @Test func theFilesOfAFolderAreReadAndSeveralPlacesTogether() throws {
    let parts = kustomized.components(separatedBy: "---\n")
    try FileManager.default.createDirectory(atPath: "\(folder.path)/more.yaml", withIntermediateDirectories: false)
    _ = try folder.write("2.yml", parts[2])
    _ = try folder.write(
      "1.json",
      #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"app-c6f87f77md","namespace":"prod"},"data":{"URL":"r:\/\/\u0078"}}"#
    )
    _ = try folder.write("notes.txt", "not: [yaml")
    let secret = try folder.write("more.yaml/secret.yaml", parts[1])
    #expect(try values([folder.path, secret]) == ["URL": "r://x", "PW": "p$$w", "FULL": "r://x/p$$w"])
    #expect(try readKubernetes([folder.path], workload: nil, container: nil).unresolved["PW"]?.kind == .missing)
  }

  @Test(arguments: ["List", "PodList"]) func aListIsTakenApart(_ kind: String) throws {
    // The API itself does not repeat kind and version in the items of a PodList.
    let start = kind == "List" ? #""apiVersion":"v1","kind":"Pod","# : ""
    let spec = #""spec":{"containers":[{"name":"c","env":[{"name":"A","value":"NAME"}]}]}"#
    let items = ["web-1", "web-2"].map {
      "{\(start)\"metadata\":{\"name\":\"\($0)\"},\(spec.replacingOccurrences(of: "NAME", with: $0))}"
    }
    let path = try folder.write(
      "list.json", "{\"apiVersion\":\"v1\",\"items\":[\n\(items.joined(separator: ",\n"))],\"kind\":\"\(kind)\"}")
    #expect(try kubernetesWorkloads([path]) == ["pod/web-1", "pod/web-2"])
    #expect(try values([path], "web-2") == ["A": "web-2"])
    #expect(try readKubernetes([path], workload: "pod/web-2", container: nil).variables["A"]?.location?.line == 3)
  }

  @Test(
    "every kind of workload",
    arguments: [
      ("apps/v1", "Deployment", "template: {spec: SPEC}"), ("apps/v1", "StatefulSet", "template: {spec: SPEC}"),
      ("apps/v1", "DaemonSet", "template: {spec: SPEC}"), ("apps/v1", "ReplicaSet", "template: {spec: SPEC}"),
      ("batch/v1", "Job", "template: {spec: SPEC}"),
      ("batch/v1", "CronJob", "schedule: '*/5 * * * *', jobTemplate: {spec: {template: {spec: SPEC}}}"),
    ])
  func kinds(_ version: String, _ kind: String, _ spec: String) throws {
    let inner = spec.replacingOccurrences(of: "SPEC", with: "{containers: [{name: c, env: [{name: A, value: a}]}]}")
    let path = try folder.write(
      "w.yaml", "apiVersion: \(version)\nkind: \(kind)\nmetadata: {generateName: web-}\nspec: {\(inner)}\n")
    #expect(try values([path]) == ["A": "a"])
    #expect(try kubernetesWorkloads([path]) == ["\(kind.lowercased())/web-"])
    // A kind of the same name in another group is something else.
    let other = try folder.write("o.yaml", "apiVersion: example.com/v1\nkind: \(kind)\nmetadata: {name: web}\n")
    #expect(try kubernetesWorkloads([other]) == [])
  }

  @Test(
    "a workload is named as in kubectl",
    arguments: [
      ("web", "prod"), ("pod/web", "prod"), ("po/web", "prod"), ("Pods/web", "prod"), ("prod/pod/web", "prod"),
      ("clean", "none"), ("default/pod/clean", "none"),
    ])
  func workloads(_ name: String, _ expected: String) throws {
    let path = try folder.write(
      "w.yaml",
      pod("web", namespace: "prod", "{name: c, env: [{name: A, value: prod}]}") + "---\n"
        + pod("clean", "{name: c, env: [{name: A, value: none}]}"))
    #expect(try values([path], name) == ["A": expected])
    #expect(try kubernetesWorkloads([path]) == ["default/pod/clean", "prod/pod/web"])
  }

  @Test(
    "a choice that can't be made says what there is",
    arguments: [
      (nil, "one must be named: default/pod/web, prod/pod/clean, prod/pod/web"),
      ("web", "`web` may be any of these workloads: default/pod/web, prod/pod/web"),
      ("job/web", "no workload `job/web`; there is default/pod/web, prod/pod/clean, prod/pod/web"),
      ("a/b/pod/web", "no workload"), ("", "no workload"), ("/web", "no workload"),
    ])
  func choices(_ name: String?, _ message: String) throws {
    let container = "{name: c}"
    let text = [
      pod("web", namespace: "prod", container), pod("web", container), pod("clean", namespace: "prod", container),
    ]
    let error = try failure(text.joined(separator: "---\n"), name)
    #expect(error?.kind == .missing)
    #expect(error?.message.contains(message) == true)
  }

  @Test func containersAreChosenByNameAndInitContainersOnlySo() throws {
    let containers = "{name: web, env: [{name: A, value: web}]}"
    let start = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [\(containers)"
    let initial = "initContainers: [{name: migrate, env: [{name: A, value: init}]}]}}\n"
    let path = try folder.write("p.yaml", "\(start)], \(initial)")
    #expect(try values([path]) == ["A": "web"])
    #expect(try values([path], nil, "migrate") == ["A": "init"])
    #expect(try failure("\(start), {name: proxy}], \(initial)")?.message.hasSuffix("must be named: web, proxy") == true)
    let error = try failure("\(start)], \(initial)", nil, "nginx")
    #expect(error?.message == "pod/p has no container of that name; there is web, migrate")
    #expect(
      try failure("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {}}")?.message.contains("no containers")
        == true)
  }

  @Test func referencesStayInTheWorkloadsNamespace() throws {
    let reference = "{name: c, env: [{name: A, valueFrom: {configMapKeyRef: {name: m, key: k}}}]}"
    func map(_ namespace: String) -> String {
      "---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: m, \(namespace)}, data: {k: '\(namespace)'}}\n"
    }
    let prod = map("namespace: prod")
    let path = try folder.write("m.yaml", pod("p", namespace: "prod", reference) + map("labels: {}") + prod)
    #expect(try values([path]) == ["A": "namespace: prod"])
    // Without a namespace, and in the default one, is the same.
    let none = try folder.write("n.yaml", pod("p", reference) + map("namespace: default") + prod)
    #expect(try values([none]) == ["A": "namespace: default"])
    let other = try folder.write("o.yaml", pod("p", reference) + prod)
    let detail = try readKubernetes([other], workload: nil, container: nil).unresolved["A"]?.detail
    #expect(detail?.contains("for the namespace prod only (\(other):3:1), and the workload is in none") == true)
    #expect(
      try failure(pod("p", reference) + map("labels: {}") + map("namespace: default"))?.message.contains("twice")
        == true)
    #expect(try failure(pod("p", reference) + "---\n" + pod("p", reference), "p")?.message.contains("twice") == true)
  }

  @Test(
    "a Secret that the files hold in another form says so",
    arguments: [
      (
        "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: x}, spec: {target: {name: db}}}",
        "the ExternalSecret at"
      ),
      (
        "{apiVersion: external-secrets.io/v1, kind: ExternalSecret, metadata: {name: db}, spec: {}}",
        "the ExternalSecret at"
      ),
      (
        "{apiVersion: bitnami.com/v1alpha1, kind: SealedSecret, metadata: {name: db}, spec: {encryptedData: {url: x}}}",
        "the SealedSecret at"
      ),
      (
        "{apiVersion: v1, kind: Secret, metadata: {name: db}, stringData: {url: 'ENC[AES256_GCM,data:x]'}, sops: {mac: x}}",
        "SOPS encrypted at"
      ),
    ])
  func otherForms(_ document: String, _ message: String) throws {
    let container = "{name: c, env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: url}}}]}"
    let path = try folder.write("s.yaml", pod("p", container) + "---\n" + document)
    let read = try readKubernetes([path], workload: nil, container: nil)
    #expect(read.variables.isEmpty)
    #expect(read.unresolved["A"]?.kind == .missing)
    let detail = read.unresolved["A"]?.detail
    #expect(detail?.contains("\(message) \(path):3:1") == true)
    #expect(detail?.hasSuffix("add the output of `kubectl get secret db -o yaml`") == true)
  }

  @Test func aNameThatNoObjectHasIsInNoCommand() throws {
    let name = "'$(reboot)'"
    let path = try folder.write("s.yaml", pod("p", "{name: c, envFrom: [{secretRef: {name: \(name)}}]}"))
    let read = try readKubernetes([path], workload: nil, container: nil)
    #expect(read.mayHoldMore?.detail.hasSuffix("which is not among the files: add it") == true)
  }

  @Test(
    "what Helm and Kustomize render first is recognised",
    arguments: [
      ("manifest.yaml", "kind: Pod\nmetadata:\n  name: {{ .Release.Name }}-web\n", "helm template"),
      ("manifest.yaml", "{{- if .Values.web }}\nkind: Pod\n{{- end }}\n", "helm template"),
      ("manifest.yaml", "a:\n  {{- include \"x\" . | nindent 2 }}\nb: [\n", "helm template"),
      ("manifest.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: \"{{ .Release.Name }}\"}\n", "helm template"),
      ("Chart.yaml", "apiVersion: v2\nname: web\n", "helm template"),
      ("kustomization.yaml", "resources: [web.yaml]\n", "kubectl kustomize"),
      ("k.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n", "kubectl kustomize"),
    ])
  func sources(_ name: String, _ text: String, _ command: String) throws {
    for place in [try folder.write(name, text), folder.path] {
      let error = #expect(throws: EnvFileError.self) { try readKubernetes([place], workload: nil, container: nil) }
      #expect(error?.kind == .malformed)
      #expect(error?.message.contains("`\(command) ") == true)
    }
  }

  @Test func bracesOfOtherTemplatesAreText() throws {
    let path = try folder.write(
      "m.yaml",
      pod("p", "{name: c, envFrom: [{configMapRef: {name: m}}]}")
        + "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata:\n  T: |-\n    {{ range .Alerts }}x{{ end }}\n"
    )
    #expect(try values([path]) == ["T": "{{ range .Alerts }}x{{ end }}"])
    let error = try failure("data: |\n  a {{ b }}\nc: [\n")
    #expect(error?.message.hasPrefix("not valid YAML") == true)
  }

  @Test(
    "what is no manifest is an error at its place",
    arguments: [
      ("a: 1\n", 1, "needs a `kind`"), ("---\nkind: Pod\n", 2, "needs a `apiVersion`"),
      ("- 1\n", 1, "must be a mapping"),
      ("kind: Pod\napiVersion: v1\n", 1, "needs `metadata`"),
      ("{kind: Pod, apiVersion: v1, metadata: {}}", 1, "needs a `name`"),
      ("a: [\n", 2, "not valid YAML"), ("a: 1\na: 2\n", 2, "twice"), ("a: \"\n", 2, "not valid YAML"),
    ])
  func noManifests(_ text: String, _ line: Int, _ message: String) throws {
    let error = try failure(text)
    #expect(error?.kind == .malformed)
    #expect(error?.location.line == line)
    #expect(error?.message.contains(message) == true)
  }

  @Test func whatCannotBeReadIsAnErrorWithItsPlace() throws {
    func failure(_ place: String) -> EnvFileError? {
      #expect(throws: EnvFileError.self) { try kubernetesWorkloads([place]) }
    }
    let nowhere = failure("\(folder.path)/none.yaml")
    #expect(nowhere?.kind == .missing)
    #expect(nowhere?.location == Location(file: "\(folder.path)/none.yaml"))
    #expect(failure(folder.path)?.message.contains("no .yaml, .yml or .json file") == true)
    #expect(failure("/dev/zero")?.kind == .unreadable)
    let empty = try folder.write("empty.yaml", "# nothing\n---\n---\n")
    #expect(try kubernetesWorkloads([empty]) == [])
    #expect(throws: EnvFileError.self) { try readKubernetes([empty], workload: nil, container: nil) }
  }
}
