import Foundation
import TestServers
import Testing

@Suite("flowpanel-doctor config", .timeLimit(.minutes(5)))
struct ConfigTests {
  private func run(
    _ files: [String: String], _ arguments: String..., bytes: [String: [UInt8]] = [:]
  ) async throws -> ProcessResult {
    try await TemporaryFolder.with { folder in
      for (name, text) in files { try folder.write(text, to: name) }
      for (name, content) in bytes { try Data(content).write(to: URL(fileURLWithPath: folder.path(of: name))) }
      return try await runBinary(
        builtBinary("flowpanel-doctor"), ["config"] + arguments, workingFolder: folder.path)
    }
  }

  private static let failing = [
    "src/flowpanel.config.ts": """
    import { defineAdmin } from "@flowpanel/kit";
    import { required } from "@/env";
    export default defineAdmin({ realtime: { driver: "redis", url: required("REDIS_URL"), keyPrefix: "fp" } });
    """,
    "src/env.ts": """
    export const required = (name: string) => {
      const value = process.env[name];
      if (value === undefined || value === "") {
        throw new Error(`${name} is required`);
      }
      return value;
    };
    """,
    "tsconfig.json":
      "{ \"compilerOptions\": { /* as create-next-app writes it */ \"paths\": { \"@/*\": [\"./src/*\"], } } }",
    "web-1.env": "REDIS_URL=redis://:hunter2@cache:6379/2\n",
    "web-2.env": "PORT=3002\n",
  ]

  @Test("a config that throws on one instance: which, why and where, exit 1, and no secret")
  func failsAtStart() async throws {
    let arguments = ["--instance", "web-1=web-1.env", "--instance", "web-2=web-2.env"]
    let human = try await run(Self.failing, arguments[0], arguments[1], arguments[2], arguments[3])
    #expect(human.status == 1)
    #expect(human.standardOutput.contains("config.fails-at-start  web-2"))
    #expect(human.standardOutput.contains("REDIS_URL is required"))
    #expect(human.standardOutput.contains("src/env.ts:4:5"))
    #expect(human.standardOutput.contains("redis://cache:6379/2"))
    let json = try await run(
      Self.failing, arguments[0], arguments[1], arguments[2], arguments[3], "--format", "json", "--trace",
      "realtime.url")
    #expect(json.standardOutput.contains("\"trace\""))
    #expect(json.standardOutput.contains("\"failsWithout\""))
    for output in [human.standardOutput, json.standardOutput] { #expect(!output.contains("hunter2")) }
  }

  @Test("a setting that is traced shows each expression with its file and line")
  func trace() async throws {
    let result = try await run(Self.failing, "--instance", "web-1=web-1.env", "--trace", "realtime.url")
    #expect(result.status == 0, "\(result)")
    #expect(result.standardOutput.contains("How realtime.url came about"))
    #expect(result.standardOutput.contains("src/flowpanel.config.ts:3:"))
    let json = try await run(
      Self.failing, "--instance", "web-1=web-1.env", "--trace", "realtime.url", "--format", "json")
    #expect(json.shows(#"{ "name": "REDIS_URL", "state": "set" }"#), "\(json.standardOutput)")
  }

  @Test("an undetermined driver names what it depends on, exit 2; --driver states it")
  func undetermined() async throws {
    let files = [
      "flowpanel.config.ts": """
      import { flags } from "./flags.js";
      export default { realtime: { driver: flags.driver, url: process.env.REDIS_URL } };
      """,
      "flags.ts": "import remote from \"remote-flags\";\nexport const flags = await remote.load();\n",
      "web.env": "REDIS_URL=redis://cache:6379\n",
    ]
    let open = try await run(files, "--instance", "web=web.env")
    #expect(open.status == 2)
    #expect(open.shows("`remote`, imported from \"remote-flags\", which is not followed"), "\(open.standardOutput)")
    let stated = try await run(files, "--instance", "web=web.env", "--driver", "redis")
    #expect(stated.status == 0, "\(stated)")
    #expect(stated.standardOutput.contains("redis://cache:6379/0"))
    #expect(stated.shows("- --driver"), "\(stated.standardOutput)")
    #expect(!stated.standardOutput.contains("config.driver-env-ternary"))
    #expect(try await run(files, "--instance", "web=web.env", "--driver", "radis").status == 64)
    #expect(try await run(files, "--instance", "web=web.env", "--trace", "realtime..url").status == 64)
  }

  @Test("a stated driver does not say that a config starts which can't be read")
  func statedUnreadable() async throws {
    let files = ["flowpanel.config.ts": "export default {", "web.env": ""]
    let result = try await run(
      files, "--instance", "web=web.env", "--driver", "redis", "--only", "config.fails-at-start")
    #expect(result.status == 2, "\(result)")
    #expect(result.shows("never closed"))
  }

  @Test("a variable that the config loads from a file is shown with the file")
  func loadedFrom() async throws {
    let files = [
      "flowpanel.config.ts": """
      import "dotenv/config";
      export default { realtime: { driver: "redis", url: process.env.REDIS_URL } };
      """,
      ".env": "REDIS_URL=redis://cache:6379\n", "web.env": "",
    ]
    let result = try await run(files, "--instance", "web=web.env")
    #expect(result.shows("unset on web; loaded from .env"), "\(result.standardOutput)")
  }

  @Test(
    "a config that can't be read: the place, what was met, exit 2, and no crash",
    arguments: [
      ("export default { realtime: { driver: \"redis\" }", "flowpanel.config.ts:1:16", "never closed"),
      ("export const config = {}", "flowpanel.config.ts:1:1", "no default export"),
      ("export default {}\n// caf\u{E9}", "flowpanel.config.ts:2:7", "not UTF-8"),
      (String(repeating: "[", count: 100_000), "flowpanel.config.ts:1:100000", "never closed"),
      (
        "export default " + String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000),
        "flowpanel.config.ts:1:",
        "comes from an array where an object given to `defineAdmin` was expected"
      ),
      ("const f = (n) => f(n + 1); export default f(0)", "flowpanel.config.ts:1:", "endless recursion"),
      ("while (true) {} export default {}", "flowpanel.config.ts:1:", "endless loop"),
      ("import a from './a'; export default a", "flowpanel.config.ts", "which is not found"),
    ])
  func unreadable(_ source: String, _ place: String, _ phrase: String) async throws {
    let bytes =
      source.contains("\u{E9}") ? source.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } : Array(source.utf8)
    let result = try await run(["web.env": "A=1\n"], "--instance", "web=web.env", bytes: ["flowpanel.config.ts": bytes])
    #expect(result.status == 2, "\(result)")
    #expect(result.shows(phrase), "\(result.standardOutput)")
    #expect(result.shows(place))
  }

  @Test(
    "a config of which a part is not understood or not there is never healthy",
    arguments: [
      "const x = = 3;\n", "<<<<<<< HEAD\n", "import { u } from './nope';\nconst v = u;\n", "import './side-effect';\n",
      "const v = undeclared;\n",
      "import { flags } from 'flags'; if (flags.broken) throw new Error('no');\n",
    ])
  func doubtful(_ line: String) async throws {
    let source = line + "export default { realtime: { driver: 'redis', url: process.env.REDIS_URL } };\n"
    let result = try await run(
      ["flowpanel.config.ts": source, "web.env": "REDIS_URL=redis://h\n"], "--instance", "web=web.env")
    #expect(result.status == 2, "\(result.standardOutput)")
    #expect(result.shows("whether it starts is not known"))
    #expect(result.shows("flowpanel.config.ts:1:"))
  }

  @Test("what only a function throws that a package may call later keeps no config from starting")
  func callbacks() async throws {
    let source = """
      import { action } from "actions";
      const refund = action({ run: async ({ row }) => { if (row.total > 9) throw new Error("no"); await later(row); } });
      export default { refund, realtime: { driver: "redis", url: process.env.REDIS_URL } };
      """
    let result = try await run(
      ["flowpanel.config.ts": source, "web.env": "REDIS_URL=redis://h\n"], "--instance", "web=web.env")
    #expect(result.status == 0, "\(result.standardOutput)")
  }

  @Test(
    "a config that would fill memory is given up",
    arguments: [
      "const a = []; for (;;) a.push(a.slice());",
      "const a = [1]; for (;;) a.push(...a);", "let o = {}; for (let i = 0; ; i++) o = { ...o, [i]: o };",
    ])
  func memory(_ loop: String) async throws {
    let result = try await run(
      ["flowpanel.config.ts": loop + " export default {}", "web.env": "A=1\n"], "--instance", "web=web.env")
    #expect(result.status == 2)
    #expect(result.shows("an endless loop?"), "\(result.standardOutput)")
  }

  @Test("a file of 50 MB is refused at once")
  func large() async throws {
    let result = try await run(
      [:], bytes: ["flowpanel.config.ts": [UInt8](repeating: 0x20, count: 50 * 1024 * 1024)])
    #expect(result.status == 2)
    #expect(result.standardOutput.contains("16777216 bytes"))
  }
}

extension ProcessResult {
  /// Whether a text stands on standard output, wherever its lines are broken.
  fileprivate func shows(_ text: String) -> Bool {
    standardOutput.filter { !$0.isWhitespace }.contains(text.filter { !$0.isWhitespace })
  }
}
