import TestServers
import Testing

@Suite("flowpanel-doctor env", .timeLimit(.minutes(5)))
struct EnvironmentTests {
  @Test("two spellings of one URL are a notice, two URLs an error")
  func spellings() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://:CANARY@cache\n", to: "web-1.env")
      try folder.write("REDIS_URL=redis://:CANARY@Cache:6379/0\n", to: "web-2.env")
      try folder.write("REDIS_URL=redis://:CANARY@cache/1\n", to: "web-3.env")
      let same = try await doctor(["env", "a=web-1.env", "b=web-2.env"], in: folder)
      #expect(same.status == 0, "\(same)")
      #expect(same.standardOutput.contains("REDIS_URL means the same in 2 spellings: a on a; b on b"))
      let different = try await doctor(["env", "a=web-1.env", "b=web-2.env", "c=web-3.env"], in: folder)
      #expect(different.status == 1)
      #expect(different.standardOutput.contains("REDIS_URL has 2 values: a on a and b; b on c"))
      for result in [same, different] { #expect(!result.standardOutput.contains("CANARY")) }
    }
  }

  @Test("what is wrong with a value's form is told, and the value is not")
  func damaged() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL='\"redis://:CANARY@cache\"'\nTOKEN=\"CANARY \"\n", to: "web-1.env")
      let result = try await doctor(["env", "web-1=web-1.env", "--format", "json"], in: folder)
      let findings = try JSONReport(result).verdicts.filter { $0.check == "env.value-damaged" }
      #expect(
        findings.map { "\($0.severity) \($0.message)" } == [
          "warning REDIS_URL has quotation marks around it that are part of its value",
          "notice TOKEN begins or ends with white space",
        ])
      #expect(findings.map(\.location?.line) == [1, 2])
      #expect(!result.standardOutput.contains("CANARY"))
    }
  }

  @Test(
    "each instance from a source of its own: Kubernetes, docker, Compose, a shell, standard input")
  func sources() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write(Self.manifest, to: "deploy.yaml")
      try folder.write(Self.secret, to: "secret.yaml")
      try folder.write("REDIS_URL=redis://:CANARY@cache\nDATABASE_URL=postgres://CANARY@db/x\n", to: "docker.env")
      try folder.write(
        "export REDIS_URL='redis://:CANARY@cache' DATABASE_URL=\"${SCHEME:-postgres}://CANARY@db/x\"\n", to: "web.sh")
      try folder.write(
        """
        services:
          web-5:
            env_file: docker.env
            environment: { DATABASE_URL: "${SCHEME:-postgres}://CANARY@db/x" }

        """, to: "compose.yaml")
      try folder.write(
        #"[{"Name":"/web","Config":{"Env":["REDIS_URL=redis://:CANARY@cache","DATABASE_URL=postgres://CANARY@db/x"]}}]"#,
        to: "web.json")
      let input = "REDIS_URL=redis://:CANARY@cache\0DATABASE_URL=postgres://CANARY@db/x\0"
      func run(_ kubernetes: String) async throws -> ProcessResult {
        try await doctor(
          [
            "env", "web-1=kubernetes:\(kubernetes)#deployment/web", "web-2=docker-env:docker.env", "web-3=shell:web.sh",
            "web-4=-", "web-5=compose:compose.yaml", "web-6=inspect:web.json", "--format", "json", "--save-facts",
            "facts.json",
          ], in: folder, input: input)
      }
      let whole = try await run("deploy.yaml,secret.yaml")
      #expect(whole.status == 0, "\(whole)")
      #expect(try JSONReport(whole).findings == [])

      let lacking = try await run("deploy.yaml")
      #expect(lacking.status == 2)
      let open = try JSONReport(lacking).verdicts.filter { $0.kind == "undetermined" }
      #expect(open.map { "\($0.check) \($0.subject)" } == ["env.value-damaged web-1", "env.value-differs web-1"])
      #expect(open.last?.message.contains("secret web-secrets") == true, "\(open)")
      let facts = try #require(folder.read("facts.json"))
      for text in [whole.standardOutput, lacking.standardOutput, facts] { #expect(!text.contains("CANARY")) }
    }
  }

  @Test("a variable that is not known leaves undetermined what the config makes of it, and no more")
  func config() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write(Self.manifest, to: "deploy.yaml")
      try folder.write(
        """
        export default {
          realtime: process.env.REALTIME === "off" ? { driver: "memory" } : { driver: "redis", url: process.env.REDIS_URL },
        };

        """, to: "flowpanel.config.ts")
      let result = try await doctor(
        ["config", "--instance", "web-1=kubernetes:deploy.yaml", "--format", "json"], in: folder)
      let realtime = try #require(try JSONReport(result).instances?.first?.realtime)
      #expect(realtime.driver.value == "redis")
      #expect(realtime.redis.undetermined?.contains("secret web-secrets") == true, "\(realtime)")
    }
  }

  @Test(
    "what can't be read is said, the rest is compared, and the exit code says so",
    arguments: [
      ("kubernetes:nowhere.yaml", Int32(66), "nowhere.yaml"),
      ("kubernetes:deploy.yaml#deployment/api", 66, "deployment/web"),
      ("process:2147483647", 66, "there is no process 2147483647"), ("docker-env:bad.env", 78, "bad.env"),
      ("-", 78, "env -0"),
    ])
  func unreadable(_ place: String, _ status: Int32, _ fragment: String) async throws {
    try await TemporaryFolder.with { folder in
      try folder.write(Self.manifest, to: "deploy.yaml")
      try folder.write("A B=CANARY\n", to: "bad.env")
      try folder.write("REDIS_URL=redis://:CANARY@cache\n", to: "web.env")
      let result = try await doctor(
        ["env", "web-1=web.env", "web-2=web.env", "web-3=\(place)"], in: folder, input: "CANARY: command not found\n")
      #expect(result.status == status, "\(result)")
      let words = (result.standardOutput + result.standardError).split(whereSeparator: \.isWhitespace)
      #expect(words.joined(separator: " ").contains(fragment), "\(result)")
      #expect(!(result.standardOutput + result.standardError).contains("CANARY"))
    }
  }

  private static let manifest = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: web }
    spec:
      template:
        spec:
          containers:
            - name: app
              env:
                - name: REDIS_URL
                  valueFrom: { secretKeyRef: { name: web-secrets, key: redis } }
                - name: DATABASE_URL
                  value: postgres://CANARY@db/x

    """

  private static let secret = """
    apiVersion: v1
    kind: Secret
    metadata: { name: web-secrets }
    stringData: { redis: "redis://:CANARY@cache" }

    """
}
