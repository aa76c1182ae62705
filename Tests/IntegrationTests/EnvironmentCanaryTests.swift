import Foundation
import TestServers
import Testing

@Suite("No value of any source leaves through any output", .timeLimit(.minutes(5)))
struct EnvironmentCanaryTests {
  /// The value of every variable begins so, and four characters of it are no word of ours.
  private static let canary = "Zq7%kW-4f81"
  private static let value = "\(canary)-0123456789"
  private static let other = "\(canary)-other"
  private static let url = "redis://\(canary):\(canary)@\(canary).example:6379/0"

  @Test("in any format, by any command", arguments: ["human", "json", "junit", "github"])
  func sources(_ format: String) async throws {
    try await TemporaryFolder.with { folder in
      try write(to: folder)
      let report = ["--format", format, "--show", "all"]
      var outputs: [String] = []
      func run(_ arguments: [String], input: String = "") async throws {
        let result = try await doctor(arguments, in: folder, input: input)
        #expect(result.status < 3 || result.status == 78, "\(result)")
        outputs += [result.standardOutput, result.standardError]
      }
      // A process whose environment can be read, for as long as the doctor runs.
      let script = #"sleep 1000 & process=$!; "$@" "process=process:$process"; status=$?; kill $process; exit $status"#
      let all = try await runBinary(
        "/bin/sh",
        ["-c", script, "sh", builtBinary(), "env", "--all", "--save-facts", "facts.json"] + report + Self.places,
        environment: ["REDIS_URL": Self.url, "AUTH_SECRET": Self.value], workingFolder: folder.path,
        standardInput: Array("REDIS_URL=\(Self.url)\nAUTH_SECRET=\(Self.other)\n".utf8))
      #expect(all.status == 1, "\(all)")
      outputs += [all.standardOutput, all.standardError]
      try await run(
        ["env", "snapshot", "--hmac-key-file", "key", "-o", "all.json"]
          + Self.places.filter { !$0.hasSuffix("=-") && !$0.hasPrefix("failing=") })
      try await run(["env", "compare", "all.json"] + report)
      try await run(
        ["env", "diff", "--since", "all.json", "--hmac-key-file", "key", "dotenv=dotenv:other.env"] + report)
      try await run(["env", "--example", "dotenv.env", "a=dotenv.env", "b=other.env"] + report)
      for broken in ["broken.env", "broken.json", "broken.yaml"] {
        let kinds = [
          "dotenv", "next", "node", "compose-env", "docker-env", "python", "shell", "compose", "kubernetes", "inspect",
        ]
        try await run(["env", "a=dotenv.env"] + kinds.map { "\($0)=\($0):\(broken)" } + report)
      }
      outputs += ["facts.json", "all.json"].compactMap { folder.read($0) }
      #expect(outputs.count == 18)
      let hashes = try await hashes(of: [Self.value, Self.other, Self.url], in: folder)
      for text in outputs {
        for secret in ["Zq7%", "WnE3JWtXLTRm"] + hashes { #expect(!text.contains(secret), "\(secret) in \(text)") }
      }
    }
  }

  private static let places =
    ["dotenv", "next", "node", "compose-env", "docker-env", "python", "shell"].map { "\($0)=\($0):dotenv.env" } + [
      "compose=compose:compose.yaml#web", "kubernetes=kubernetes:deploy.yaml", "inspect=inspect:inspect.json",
      "command=command:cat other.env", "failing=command:cat other.env >&2; exit 3", "stdin=-",
    ]

  private func write(to folder: TemporaryFolder) throws {
    let lines = "REDIS_URL=\(Self.url)\nAUTH_SECRET=\(Self.value)\nNEXT_PUBLIC_KEY=\(Self.value)\nEMPTY=\n"
    try folder.write("the-key-of-the-operator\n", to: "key")
    try folder.write(lines, to: "dotenv.env")
    try folder.write(
      "REDIS_URL=\(Self.url)0\nAUTH_SECRET=\(Self.other)\nPORT=\(Self.value)\nQ='\"\(Self.value)\"'\n", to: "other.env")
    try folder.write(
      "services:\n  web:\n    env_file: dotenv.env\n    environment:\n      AUTH_SECRET: \(Self.value)\n      X: a ${\(Self.canary.filter(\.isLetter)):-\(Self.value)}\n",
      to: "compose.yaml")
    try folder.write(
      """
      apiVersion: v1
      kind: Pod
      metadata: { name: web }
      spec:
        containers:
          - name: app
            env:
              - { name: REDIS_URL, value: "\(Self.url)" }
              - { name: AUTH_SECRET, valueFrom: { secretKeyRef: { name: s, key: k } } }
              - { name: GONE, valueFrom: { secretKeyRef: { name: gone, key: k } } }
      ---
      apiVersion: v1
      kind: Secret
      metadata: { name: s }
      data: { k: \(Data(Self.value.utf8).base64EncodedString()) }

      """, to: "deploy.yaml")
    try folder.write(
      #"[{"Name":"/web","Config":{"Env":["REDIS_URL=\#(Self.url)","AUTH_SECRET=\#(Self.other)"]}}]"#, to: "inspect.json"
    )
    try folder.write("A B=\(Self.value)\nC=\"\(Self.value)\n=\(Self.value)\n${\(Self.value)\n", to: "broken.env")
    try folder.write(#"[{"Config":{"Env":["\#(Self.value)", {"\#(Self.value)": "#, to: "broken.json")
    try folder.write("services:\n  web: {environment: [\(Self.value)]}\n \(Self.value): [\n", to: "broken.yaml")
  }

  /// The plain hashes of values, in hexadecimal and without their ends.
  private func hashes(of values: [String], in folder: TemporaryFolder) async throws -> [String] {
    var hashes: [String] = []
    for value in values {
      try folder.write(value, to: "value")
      for program in ["md5sum", "sha1sum", "sha256sum", "sha512sum"] {
        let printed = try await runBinary(findProgram(program), [folder.path(of: "value")]).standardOutput
        hashes.append(String(printed.prefix(12)))
      }
    }
    return hashes
  }
}
