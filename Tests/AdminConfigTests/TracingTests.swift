// The chain of expressions that led to a setting: where each stands, and nothing of what a variable holds.
import Facts
import Testing

@testable import AdminConfig

@Suite struct Tracing {
  private let files = [
    "flowpanel.config.ts": """
    import { need } from "./env";
    const prefix = process.env.PREFIX ?? "fp";
    export default { realtime: { driver: "redis", url: need("REDIS_URL"), keyPrefix: `${prefix}:admin` } };
    """,
    "env.ts": """
    export function need(name: string): string {
      const value = process.env[name];
      if (!value) throw new Error(`${name} is required`);
      return value;
    }
    """,
  ]

  private func trace(_ path: String, under variables: [String: String]) throws -> [TracedExpression] {
    let module = try ConfigModule(
      entry: "flowpanel.config.ts", files: configFiles(files.mapValues { Array($0.utf8) }))
    return module.trace(
      of: path.split(separator: ".").map(String.init), under: .known(variables.mapValues { Secret($0) }))
  }

  @Test("A value is traced through the files to the variable that it was read from")
  func throughFiles() throws {
    let chain = try trace("realtime.url", under: ["REDIS_URL": "redis://u:s3cret@h"])
    #expect(chain.map { "\($0.location.file):\($0.location.line ?? 0)" }.first == "flowpanel.config.ts:3")
    #expect(chain.contains { $0.location.file == "env.ts" && $0.location.line == 4 })
    #expect(chain.last?.variable == VariableUse("REDIS_URL", .set))
    #expect(chain.last?.location.line == 2)
    #expect(chain.map(\.depth) == chain.map(\.depth).sorted())
    #expect(chain.first?.outcome == "is text from REDIS_URL")
    #expect(!"\(chain)".contains("s3cret"))
  }

  @Test("A fallback and a template are among what led to a value")
  func fallback() throws {
    let chain = try trace("realtime.keyPrefix", under: ["REDIS_URL": "redis://h"])
    #expect(chain.first?.outcome == "is the text \"fp:admin\"")
    #expect(chain.contains { $0.variable == VariableUse("PREFIX", .unset) } || chain.contains { $0.location.line == 2 })
  }

  @Test("A config that throws is traced to where it does")
  func failure() throws {
    let chain = try trace("realtime.url", under: [:])
    #expect(chain.first?.outcome == "the config throws here")
    #expect(chain.first?.location == Location(file: "env.ts", line: 3, column: 15))
  }

  @Test(
    "What stands before the @ of a URL is masked in a line of source",
    arguments: [
      ("url: \"redis://user:pass@host/1\"", "url: \"redis://\(Secret.redacted)@host/1\""),
      ("'redis://:p@ss@host'", "'redis://\(Secret.redacted)@host'"),
      ("a://b@c d://e@f", "a://\(Secret.redacted)@c d://\(Secret.redacted)@f"),
      ("redis://host/1 // ask me@example.com", "redis://host/1 // ask me@example.com"), ("no url", "no url"),
    ])
  func masking(_ line: String, _ masked: String) {
    #expect(maskingCredentials(line[...]) == masked)
  }
}
