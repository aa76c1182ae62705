import Facts
import Testing

@testable import InstanceEnvironment

@Suite("What stands written in a manifest") final class WrittenInManifestTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func written(_ read: InstanceVariables) -> [String] {
    read.variables.filter(\.value.isWrittenInManifest).keys.sorted()
  }

  /// Values of a compose file, where P is set to a password, H to a host, and N is not set.
  @Test(arguments: [
    ("secret", true), ("12", true), ("pa$$word", true), ("redis://:secret@h", true), ("${P}", false), ("x$P", false),
    ("${N}", false), ("${N:-secret}", false), ("redis://:secret@${H}", true), ("redis://u:secret@$H/${N:-0}", true),
    ("redis://${N:-u}:secret@h", true), ("https://secret@${H}", true), ("redis://:${P}@h", false),
    ("redis://:a${P}@h", false), ("redis://${P}@h", false), ("redis://${H}/?x=a@b", false), ("redis://:@${H}", false),
    ("redis://${H}:6379", false), ("${N:-redis://:secret@h}", false), ("$N://:secret@${H}", true),
  ])
  func ofCompose(_ value: String, _ expected: Bool) throws {
    let list = try folder.write(
      "list.yaml", "services: {web: {environment: [\"A=\(value)\", \"${NAME}=x\", \"PASSED\"]}}")
    let mapping = try folder.write(
      "mapping.yaml", "services: {web: {environment: {A: \"\(value)\", NAME: 1, FLAG: true, PASSED: null}}}")
    let given = ["P": "p:w@x", "H": "h", "NAME": "NAME", "PASSED": "1"].mapValues { Secret($0) }
    for (path, others) in [(list, ["NAME"]), (mapping, ["FLAG", "NAME"])] {
      let read = try readCompose([path], service: "web", environment: given)
      #expect(read.variables["PASSED"]?.value == Secret("1"))
      #expect(written(read) == (expected ? ["A"] : []) + others)
    }
  }

  @Test func laterComposeFilesAndEnvFilesSayTheirOwn() throws {
    _ = try folder.write("web.env", "FILE=secret\nBOTH=secret\n")
    let base = try folder.write(
      "compose.yaml", "services: {web: {env_file: web.env, environment: {BOTH: a, A: secret, B: \"${H}\", C: secret}}}")
    let over = try folder.write("over.yaml", "services: {web: {environment: [\"A=${H}\", B=secret]}}")
    let read = try readCompose([base, over], service: "web", environment: ["H": Secret("h")])
    #expect(read.variables.count == 5)
    #expect(written(read) == ["B", "BOTH", "C"])
  }

  @Test func ofKubernetes() throws {
    let path = try folder.write(
      "pod.yaml",
      """
      apiVersion: v1
      kind: Pod
      metadata: {name: web}
      spec:
        containers:
        - name: web
          envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]
          env:
          - {name: LITERAL, value: secret}
          - {name: EMPTY}
          - {name: DOLLAR, value: "$(NONE)$$(HOST)"}
          - {name: REFERENCE, value: $(PASSWORD)}
          - {name: URL, value: "redis://:secret@$(HOST)"}
          - {name: PASSWORD_URL, value: "redis://:$(PASSWORD)@h"}
          - {name: KEY, valueFrom: {configMapKeyRef: {name: c, key: HOST}}}
          - {name: SECRET_KEY, valueFrom: {secretKeyRef: {name: s, key: PASSWORD}}}
      ---
      {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {HOST: h, PASSWORD: overwritten}}
      ---
      {apiVersion: v1, kind: Secret, metadata: {name: s}, data: {PASSWORD: cA==}, stringData: {PLAIN: secret}}
      """)
    let read = try readKubernetes([path], workload: nil, container: nil)
    #expect(read.variables.count == 11 && read.unresolved.isEmpty)
    #expect(written(read) == ["DOLLAR", "HOST", "KEY", "LITERAL", "URL"])
  }

  @Test("a file, a process and `docker inspect` are no manifests", arguments: EnvFileDialect.allCases)
  func others(_ dialect: EnvFileDialect) throws {
    #expect(try written(parseEnvFile(Array("A=secret\n".utf8), path: ".env", dialect: dialect)) == [])
    #expect(try written(parseEnvironment(Array("A=secret\0".utf8), source: "s", path: "p")) == [])
    let inspected = try folder.write("inspect.json", "[{\"Name\": \"/web\", \"Config\": {\"Env\": [\"A=secret\"]}}]")
    #expect(try written(readDockerInspect(inspected)) == [])
    #expect(processEnvironment().values.allSatisfy { !$0.isWrittenInManifest })
  }
}
