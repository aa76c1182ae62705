import TestServers
import Testing

private let canary = "CANARY-77ab01"

@Suite("Rules of the manifest on variables", .timeLimit(.minutes(5)))
struct VariableRuleTests {
  @Test("each finds what breaks it, and shows no value")
  func rules() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write(
        """
        instances:
          - { name: web-1, env: web-1.env }
          - { name: web-2, env: web-2.env }
          - { name: worker-1, env: worker-1.env }
        env:
          example: .env.example
          required: [API_URL]
          mustMatch: ["QUEUE_*"]
          mayDiffer: [QUEUE_NAME]
          mustBeUnique: [INSTANCE_ID]
          onlyOn: { CRON_SECRET: worker-* }
          forbidden: [NODE_TLS_REJECT_UNAUTHORIZED]
          types: { SSE_CAP: integer 1.., LOG_LEVEL: "enum debug, info", HOSTS: list, FEATURE: boolean }
          deprecated: { OLD_URL: Set API_URL instead. }
          mustDiffer: [[A_KEY, B_KEY]]

        """, to: "flowpanel-doctor.yaml")
      try folder.write("SMTP_URL=\nJWT_SECRET=\(canary)-sample\n", to: ".env.example")
      let common = "SMTP_URL=smtp://x\nINSTANCE_ID=\(canary)\nLOG_LEVEL=info\nQUEUE_NAME="
      try folder.write(
        "\(common)1\nHOSTS=a, b\nFEATURE=1\nQUEUE_URL=\(canary)1\nSSE_CAP=\(canary)\nNEXT_PUBLIC_X=redis://:\(canary)@h\n"
          + "JWT_SECRET=\(canary)-sample\n", to: "web-1.env")
      try folder.write(
        "\(common)2\nHOSTS=b,a\nFEATURE=true\nQUEUE_URL=\(canary)2\nCRON_SECRET=\(canary)\nJWT_SECRET=\(canary)\n",
        to: "web-2.env")
      try folder.write(
        "\(common)3\nHOSTS=b,a\nFEATURE=on\nQUEUE_URL=\(canary)2\nNODE_TLS_REJECT_UNAUTHORIZED=0\nOLD_URL=x\n"
          + "A_KEY=\(canary)\nB_KEY=\(canary)\nCRON_SECRET=\(canary)\nJWT_SECRET=\(canary)\n", to: "worker-1.env")
      let result = try await doctor(["env", "--format", "json", "--skip", "env.missing-on-instance"], in: folder)
      #expect(result.status == 1, "\(result)")
      #expect(
        try JSONReport(result).verdicts.filter { $0.kind == "finding" }.map { "\($0.subject): \($0.message)" } == [
          "worker-1: OLD_URL is set, which is deprecated",
          "web-2: CRON_SECRET is set, and it belongs on worker-* alone",
          "worker-1: NODE_TLS_REJECT_UNAUTHORIZED is set, and no instance may set it",
          "web-1: SSE_CAP is not an integer of 1 or more",
          "deployment: INSTANCE_ID has one value on web-1, web-2 and worker-1, and must be another on each",
          "web-1: NEXT_PUBLIC_X is a URL with a password, and every visitor's browser gets it",
          "web-1: JWT_SECRET is the secret that the example gives as a sample, which everybody can read",
          "deployment: QUEUE_URL has 2 values: a on web-2 and worker-1; b on web-1",
          "deployment: JWT_SECRET has 2 values: a on web-2 and worker-1; b on web-1",
          "worker-1: A_KEY and B_KEY have one value",
        ])
      let missing = try await doctor(["env", "--format", "json", "--only", "env.missing-on-instance"], in: folder)
      #expect(
        try JSONReport(missing).messages.prefix(1) == [
          "API_URL is not set on web-1, web-2 and worker-1; no instance sets it, and the manifest asks for it"
        ])
      let human = try await doctor(["env", "--all"], in: folder)
      for text in [result.standardOutput, missing.standardOutput, human.standardOutput] {
        #expect(!text.contains(canary))
      }
    }
  }

  @Test("two hundred instances are drawn together, whatever the width")
  func fleet() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://cache\n", to: "web.env")
      try folder.write("AUTH_SECRET=x\n", to: "bad.env")
      let instances = (1...200).map { "web-\($0)=\($0 == 7 ? "bad" : "web").env" }
      let result = try await doctor(["env"] + instances, in: folder)
      #expect(result.status == 1)
      #expect(
        result.standardOutput.contains("REDIS_URL    must match  web-1…web-6, web-8…web-200: a; web-7: missing"),
        "\(result.standardOutput)")
      #expect(result.standardOutput.contains("AUTH_SECRET is not set on web-1…web-6 and web-8…web-200; web-7 sets it"))
      #expect(result.standardOutput.split(separator: "\n").count < 60, "\(result.standardOutput)")
    }
  }

  @Test("a command that fails leaves its instance undetermined, and the others are compared")
  func commands() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("REDIS_URL=redis://cache\n", to: "web.env")
      let whole = try await doctor(
        ["env", "web-1=web.env", "web-2=command:printf 'REDIS_URL=redis://cache\\0'"], in: folder)
      #expect(whole.status == 0, "\(whole)")
      let failing = try await doctor(
        [
          "env", "web-1=web.env", "web-2=command:echo REDIS_URL=\(canary); echo no route to host >&2; exit 255",
          "web-3=command:printf 'REDIS_URL=other\\0'", "--format", "json",
        ], in: folder)
      #expect(failing.status == 1, "\(failing)")
      let report = try JSONReport(failing)
      #expect(report.messages == ["REDIS_URL has 2 values: a on web-1; b on web-3"])
      let undetermined = report.verdicts.filter { $0.kind == "undetermined" }
      #expect(undetermined.allSatisfy { $0.subject == "web-2" && $0.message.contains("No route to host") })
      #expect(!undetermined.isEmpty && undetermined.allSatisfy { $0.location == nil })
      // Neither the command nor what it printed is shown.
      #expect(!failing.standardOutput.contains(canary) && !failing.standardOutput.contains("exit 255"))
      let alone = try await doctor(["env", "web-1=web.env", "web-2=command:exec false"], in: folder)
      #expect(alone.status == 2, "\(alone)")
    }
  }
}
