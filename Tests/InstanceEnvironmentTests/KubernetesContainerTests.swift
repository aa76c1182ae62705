import Facts
import Testing

@testable import InstanceEnvironment

/// The variables of one container. "kubelet" marks cases of kubernetes' `pkg/kubelet/kubelet_pods_test.go`,
/// `TestMakeEnvironmentVariables`, by their names there; their service variables are left out.
@Suite final class KubernetesContainerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads a pod of one container, of which some fields are given, and further documents.
  private func read(_ fields: String, _ documents: String..., pod: String = "") throws -> InstanceVariables {
    let start = """
      apiVersion: v1
      kind: Pod
      metadata: {name: web, namespace: test1}
      spec:\(pod)
        containers:
        - name: web
      """
    let indented = fields.split(separator: "\n", omittingEmptySubsequences: false).map { "    \($0)" }
    let text = ([([start] + indented).joined(separator: "\n")] + documents).joined(separator: "\n---\n")
    return try readKubernetes([folder.write("pod.yaml", text)], workload: nil, container: nil)
  }

  private func values(_ read: InstanceVariables) -> [String: String] { read.variables.mapValues { $0.value.reveal() } }

  private let configMap = """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: test-config-map, namespace: test1}
    data: {REPLACE_ME: FROM_CONFIG_MAP, DUPE_TEST: CONFIG_MAP}
    """
  private let secret = """
    apiVersion: v1
    kind: Secret
    metadata: {name: test-secret, namespace: test1}
    data: {REPLACE_ME: RlJPTV9TRUNSRVQ=, DUPE_TEST: U0VDUkVU}
    """
  private let literals = """
    env:
    - {name: TEST_LITERAL, value: test-test-test}
    - {name: EXPANSION_TEST, value: $(REPLACE_ME)}
    - {name: DUPE_TEST, value: ENV_VAR}
    """

  @Test("kubelet: env expansion") func expansion() throws {
    let read = try read(
      """
      env:
      - {name: TEST_LITERAL, value: test-test-test}
      - {name: POD_NAME, valueFrom: {fieldRef: {apiVersion: v1, fieldPath: metadata.name}}}
      - {name: OUT_OF_ORDER_TEST, value: $(OUT_OF_ORDER_TARGET)}
      - {name: OUT_OF_ORDER_TARGET, value: FOO}
      - {name: EMPTY_VAR}
      - {name: EMPTY_TEST, value: foo-$(EMPTY_VAR)}
      - {name: POD_NAME_TEST2, value: test2-$(POD_NAME)}
      - {name: POD_NAME_TEST3, value: $(POD_NAME_TEST2)-3}
      - {name: LITERAL_TEST, value: literal-$(TEST_LITERAL)}
      - {name: TEST_UNDEFINED, value: $(UNDEFINED_VAR)}
      """)
    #expect(
      values(read) == [
        "TEST_LITERAL": "test-test-test", "OUT_OF_ORDER_TEST": "$(OUT_OF_ORDER_TARGET)", "OUT_OF_ORDER_TARGET": "FOO",
        "EMPTY_VAR": "", "EMPTY_TEST": "foo-", "LITERAL_TEST": "literal-test-test-test",
        "TEST_UNDEFINED": "$(UNDEFINED_VAR)",
      ])
    // What only a running pod has.
    #expect(Set(read.unresolved.keys) == ["POD_NAME", "POD_NAME_TEST2", "POD_NAME_TEST3"])
    let reasons = read.unresolved.mapValues(\.detail)
    #expect(reasons["POD_NAME"]?.contains("`fieldRef` metadata.name") == true)
    #expect(reasons["POD_NAME_TEST3"]?.hasPrefix("it refers to POD_NAME_TEST2: the cluster sets it") == true)
    #expect(read.unresolved.values.allSatisfy { $0.kind == .notAttempted && $0.location != nil })
    #expect(read.mayHoldMore == nil)
  }

  @Test("kubelet: configmap, secret; \"prefix to start with a digital\"", arguments: ["p_", "1_"], [true, false])
  func everyKeyOfAnObject(_ prefix: String, _ isSecret: Bool) throws {
    let reference = isSecret ? "secretRef: {name: test-secret}" : "configMapRef: {name: test-config-map}"
    let read = try read(
      "envFrom:\n- {\(reference)}\n- {prefix: \"\(prefix)\", \(reference)}\n\(literals)", configMap, secret)
    let from = isSecret ? "SECRET" : "CONFIG_MAP"
    #expect(
      values(read) == [
        "TEST_LITERAL": "test-test-test", "REPLACE_ME": "FROM_\(from)", "EXPANSION_TEST": "FROM_\(from)",
        "DUPE_TEST": "ENV_VAR", "\(prefix)REPLACE_ME": "FROM_\(from)", "\(prefix)DUPE_TEST": from,
      ])
    #expect(read.unresolved.isEmpty && read.mayHoldMore == nil)
  }

  @Test("kubelet: configmap_invalid_keys_valid, secret_invalid_keys_valid") func keysOfAnyName() throws {
    let read = try read(
      "envFrom:\n- {prefix: p_, configMapRef: {name: c}}\n- {prefix: p_, secretRef: {name: s}}",
      "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: test1}, data: {\"1234\": abc}}",
      "{apiVersion: v1, kind: Secret, metadata: {name: s, namespace: test1}, data: {1234.name: YWJj}}")
    #expect(values(read) == ["p_1234": "abc", "p_1234.name": "abc"])
  }

  @Test(
    "kubelet: …_missing_key_optional: the entry is passed over, and what `envFrom` set stays",
    arguments: ["configMapKeyRef: {name: test-config-map", "secretKeyRef: {name: test-secret"])
  func optionalKeys(_ reference: String) throws {
    let read = try read(
      """
      envFrom: [{configMapRef: {name: test-config-map}}]
      env:
      - {name: NEW, valueFrom: {\(reference), key: key, optional: true}}}
      - {name: DUPE_TEST, valueFrom: {\(reference), key: key, optional: true}}}
      """, configMap, secret)
    #expect(values(read) == ["REPLACE_ME": "FROM_CONFIG_MAP", "DUPE_TEST": "CONFIG_MAP"])
    #expect(read.unresolved.isEmpty)
  }

  @Test func aKeyThatIsNotThereLeavesTheVariableOpen() throws {
    let read = try read(
      "env:\n- {name: A, valueFrom: {secretKeyRef: {name: test-secret, key: url}}}\n- {name: B, value: <$(A)>}", secret)
    #expect(read.variables.isEmpty)
    #expect(read.unresolved["A"]?.kind == .missing)
    #expect(read.unresolved["A"]?.location?.line == 8)
    let reason =
      "it comes from the key url, which the secret test-secret (\(folder.path)/pod.yaml:11:1) does not have: "
    #expect(read.unresolved["A"]?.detail == reason + "the container would not start")
    #expect(read.unresolved["B"]?.detail == "it refers to A: \(reason)the container would not start")
  }

  @Test(
    "an object that was not given leaves its variables open, optional or not: the cluster may have it",
    arguments: ["", ", optional: true"])
  func objectsThatWereNotGiven(_ optional: String) throws {
    let read = try read(
      """
      envFrom:
      - {configMapRef: {name: test-config-map}}
      - {prefix: DUPE, secretRef: {name: more\(optional)}}
      env:
      - {name: URL, valueFrom: {secretKeyRef: {name: db-credentials, key: url\(optional)}}}
      - {name: A, value: a}
      - {name: B, value: $(SOMETHING)}
      - {name: C, value: $(REPLACE_ME)}
      """, configMap)
    #expect(values(read) == ["REPLACE_ME": "FROM_CONFIG_MAP", "A": "a", "C": "FROM_CONFIG_MAP"])
    func ifNone(_ kind: String) -> String {
      optional.isEmpty ? "" : "; it is optional: if the cluster has none, add a \(kind) of that name without `data`"
    }
    let more =
      "variables that begin with `DUPE` come from the secret more, which is not among the files: "
      + "add the output of `kubectl get secret more -n test1 -o yaml`\(ifNone("Secret"))"
    #expect(read.mayHoldMore?.detail == more)
    #expect(read.mayHoldMore?.kind == .missing)
    #expect(read.mayHoldMore?.location?.line == 9)
    #expect(
      read.unresolved.mapValues(\.detail) == [
        "URL": "it comes from the key url of the secret db-credentials, which is not among the files: "
          + "add the output of `kubectl get secret db-credentials -n test1 -o yaml`\(ifNone("Secret"))",
        "DUPE_TEST": "it may be overwritten: later in `envFrom` \(more)",
        "B": "it refers to a variable that the container does not set by itself: \(more)",
      ])
    #expect(read.unresolved["URL"]?.location?.line == 11)
    let empty = """
      apiVersion: v1
      kind: Secret
      metadata: {name: none, namespace: test1}
      """
    let none = try self.read(
      "envFrom: [{secretRef: {name: none\(optional)}}]\nenv: [{name: A, value: a}]", "\(configMap)\n---\n\(empty)")
    #expect(values(none) == ["A": "a"] && none.unresolved.isEmpty && none.mayHoldMore == nil)
  }

  @Test func everyReferenceToWhatWasNotGivenKnowsItsOwnLine() throws {
    let read = try read(
      """
      envFrom:
      - {configMapRef: {name: test-config-map}}
      - {secretRef: {name: none}}
      env:
      - {name: REPLACE_ME, value: known}
      - {name: A, valueFrom: {secretKeyRef: {name: none, key: a}}}
      - {name: B, valueFrom: {secretKeyRef: {name: none, key: b}}}
      """, configMap)
    #expect(values(read) == ["REPLACE_ME": "known"])
    #expect(read.unresolved.mapValues { $0.location?.line } == ["DUPE_TEST": 9, "A": 12, "B": 13])
    #expect(read.mayHoldMore?.location?.line == 9)
  }

  @Test func laterEntriesWinAlsoOverWhatIsNotKnown() throws {
    let read = try read(
      """
      envFrom: [{secretRef: {name: none}}, {configMapRef: {name: test-config-map}}]
      env:
      - {name: A, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
      - {name: A, value: "1"}
      - {name: B, value: $(A)}
      - {name: B, valueFrom: {resourceFieldRef: {resource: limits.cpu}}}
      - {name: C, valueFrom: {fileKeyRef: {key: C, path: x, volumeName: y}}}
      """, configMap)
    #expect(values(read) == ["REPLACE_ME": "FROM_CONFIG_MAP", "DUPE_TEST": "CONFIG_MAP", "A": "1"])
    #expect(Set(read.unresolved.keys) == ["B", "C"])
    #expect(read.mayHoldMore != nil)
  }

  @Test("references to services are open where the cluster sets them", arguments: [true, false])
  func services(_ links: Bool) throws {
    let read = try read(
      """
      env:
      - {name: URL, value: "http://$(API_SERVICE_HOST):$(API_SERVICE_PORT)"}
      - {name: HOST, value: $(KUBERNETES_SERVICE_HOST)}
      - {name: OTHER, value: $(API_HOST)}
      """, pod: "\n  enableServiceLinks: \(links)")
    #expect(values(read)["URL"] == (links ? nil : "http://$(API_SERVICE_HOST):$(API_SERVICE_PORT)"))
    #expect(values(read)["OTHER"] == "$(API_HOST)")
    #expect(Set(read.unresolved.keys) == (links ? ["URL", "HOST"] : ["HOST"]))
  }

  @Test func secretsHoldBase64AndPlainTextThatWins() throws {
    let read = try read(
      "envFrom: [{secretRef: {name: s}}, {configMapRef: {name: c}}]\n"
        + "env: [{name: KEY, valueFrom: {configMapKeyRef: {name: c, key: blob}}}]",
      """
      apiVersion: v1
      kind: Secret
      metadata: {name: s, namespace: test1}
      immutable: true
      data:
        A: YQ==
        B: Yg==
        EMPTY: ""
        NONE:
        LINES: |
          YWFh
          YmJi
        BINARY: /wBiaW4=
        NUL: AA==
      stringData: {B: plain}
      """,
      // As `kubectl create configmap c --from-file=blob --from-literal=X=1 --dry-run=client -o yaml` prints it.
      """
      apiVersion: v1
      binaryData:
        blob: /wBiaW4=
      data:
        X: "1"
      kind: ConfigMap
      metadata:
        creationTimestamp: null
        name: c
        namespace: test1
      """)
    #expect(values(read) == ["A": "a", "B": "plain", "EMPTY": "", "NONE": "", "LINES": "aaabbb", "X": "1"])
    #expect(Set(read.unresolved.keys) == ["BINARY", "NUL", "KEY"])
    #expect(read.unresolved["KEY"]?.detail.contains("in `binaryData` only") == true)
    #expect(read.variables["LINES"]?.location == Location(file: "\(folder.path)/pod.yaml", line: 19, column: 3))
    #expect(read.variables["B"]?.location?.line == 24)
  }

  @Test(
    "broken base64 is an error with its line, and no part of it", arguments: ["c2VjcmV0", "c2VjcmV0LQ", "s3cr3t-v@lue"])
  func brokenBase64(_ text: String) throws {
    let broken = text == "c2VjcmV0" ? "\(text) \(text)" : text
    let error = #expect(throws: EnvFileError.self) {
      try read(
        "envFrom: [{secretRef: {name: s}}]",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: test1}\ndata:\n  A: \(broken)")
    }
    #expect(error?.kind == .malformed)
    #expect(error?.location.line == 13)
    #expect(error.map { "\($0)".contains(text) } == false)
  }

  @Test(
    "what the API server refuses is an error at its line",
    arguments: [
      ("env: [{value: x}]", "needs a `name`"), ("env: [{name: A=B, value: x}]", "printable ASCII"),
      ("env: [{name: \"\\u00e9\", value: x}]", "printable ASCII"), ("env: {A: x}", "must be a list"),
      ("env: [{name: A, value: 12}]", "a number here: put it in quotes"),
      ("env: [{name: A, value: yes}]", "a truth value here: put it in quotes"),
      ("env: [{name: A, value: [x]}]", "must be text"), ("env: [A]", "must be a mapping"),
      ("envFrom: [{prefix: p}]", "needs a `configMapRef` or a `secretRef`"),
      ("env: [{name: A, valueFrom: {secretKeyRef: {name: s}}}]", "needs a `key`"),
      (
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: test-config-map, key: k, optional: maybe}}}]",
        "true or false"
      ),
      ("envFrom: [{configMapRef: {name: \(String(repeating: "x", count: 254))}}]", "not be longer than 253"),
      ("envFrom: [{configMapRef: {name: odd}}]", "letters, digits"),
      ("envFrom: [{prefix: a=, configMapRef: {name: odd}}]", "up to 253 printable"),
      ("envFrom: [{prefix: \(String(repeating: "x", count: 254)), configMapRef: {name: odd}}]", "up to 253 printable"),
    ])
  func refused(_ fields: String, _ message: String) throws {
    let odd = "{apiVersion: v1, kind: ConfigMap, metadata: {name: odd, namespace: test1}, data: {a b: c}}"
    let error = #expect(throws: EnvFileError.self) { try read(fields, configMap, odd) }
    #expect(error?.kind == .malformed)
    #expect(error?.message.contains(message) == true)
    #expect(error?.location.line != nil)
  }

  @Test(.timeLimit(.minutes(5))) func anEnvironmentThatNoProcessCanHaveIsAnError() throws {
    let doubling = (1...60).map { "- {name: V\($0), value: $(V\($0 - 1))$(V\($0 - 1))}" }.joined(separator: "\n")
    let keys = (0..<1000).map { "K\($0): v" }.joined(separator: ", ")
    let large = "{apiVersion: v1, kind: ConfigMap, metadata: {name: large, namespace: test1}, data: {\(keys)}}"
    let sources = (0..<1000).map { "- {prefix: P\($0), configMapRef: {name: large}}" }.joined(separator: "\n")
    for fields in ["env:\n- {name: V0, value: xx}\n\(doubling)", "envFrom:\n\(sources)"] {
      let error = #expect(throws: EnvFileError.self) { try read(fields, large) }
      #expect(error?.kind == .tooLarge)
    }
  }

  @Test(.timeLimit(.minutes(5))) func aLongChainOfReferencesToWhatIsNotKnownIsRead() throws {
    let chain = (1...20_000).map { "- {name: V\($0), value: $(V\($0 - 1))}" }.joined(separator: "\n")
    let read = try read("env:\n- {name: V0, valueFrom: {fieldRef: {fieldPath: status.podIP}}}\n\(chain)")
    #expect(read.unresolved.count == 20_001)
    #expect(read.unresolved["V20000"]?.detail.hasPrefix("it refers to V19999: the cluster sets it") == true)
  }
}
