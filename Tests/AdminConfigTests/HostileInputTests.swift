// Files that are broken, hostile or too large: an error with its place, or an unknown value; never a crash.
import Facts
import Testing

@testable import AdminConfig

@Suite struct HostileInput {
  private func failure(_ bytes: [UInt8]) -> ConfigError? {
    do {
      _ = try module(bytes, path: "c.tsx")
      return nil
    } catch { return error as? ConfigError }
  }

  @Test(
    "What leaves no structure is an error with its place",
    arguments: [
      ("const a = 'x\nexport default {}", "string", 1, 11),
      ("\n  const a = \"x", "string", 2, 13),
      ("export default `a", "template", 1, 16),
      ("export default `a${b", "`${`", 1, 16),
      ("export default `a${b}", "template", 1, 21),
      ("export default {} /* x", "comment", 1, 19),
      ("export default { a: [1, 2 }", "closes no bracket", 1, 27),
      ("export default {\n a: (", "never closed", 2, 5),
      ("export default {}\n}", "closes no bracket", 2, 1),
      ("export const a = 1", "default export", 1, 1),
      ("", "default export", 1, 1),
      ("export default interface A {}", "default export", 1, 1),
    ])
  func structure(_ source: String, _ phrase: String, _ line: Int, _ column: Int) throws {
    let error = try #require(failure(Array(source.utf8)))
    #expect(error.message.contains(phrase), "\(error.message)")
    #expect(error.location == Location(file: "c.tsx", line: line, column: column))
  }

  @Test("A file that is too large is refused, one of exactly that is read")
  func size() throws {
    let head = Array("export default {}\n".utf8)
    let fitting = head + [UInt8](repeating: 0x20, count: Limit.sourceBytes - head.count)
    #expect(failure(fitting) == nil)
    #expect(try #require(failure(fitting + [0x20])).message.contains("\(Limit.sourceBytes + 1) bytes"))
  }

  @Test(
    "Deep nesting is passed over, whatever it is nested in",
    arguments: [
      ("[", "]"), ("(", ")"), ("{a:", "}"), ("`${", "}`"), ("f(", ")"), ("!", ""), ("- ", ""), ("a ? ", " : b"),
      ("a => ", ""),
      ("1 + ", ""), ("2 ** ", ""), ("a.", ""), ("new ", ""), ("<a>{", "}</a>"), ("<", ">"), ("a < ", ""), ("a ?? ", ""),
      ("await ", ""), ("...[", "]"), ("(a): b => ", ""), ("x = ", ""), ("async ", ""), ("typeof ", ""),
      ("class extends ", "{}"),
    ])
  func depth(_ open: String, _ close: String) throws {
    let count = open == "[" ? 100_000 : 3_000
    let nested = String(repeating: open, count: count) + "a" + String(repeating: close, count: count)
    for path in ["c.ts", "c.tsx"] {
      let bytes = Array("export default { realtime: { driver: \(nested) } }".utf8)
      guard let config = try? module(bytes, path: path) else { continue }
      #expect(config.realtime(under: .known([:])).shownDriver == "?")
    }
  }

  @Test("A hundred thousand brackets that are never closed are an error at the innermost")
  func unclosedBrackets() throws {
    let error = try #require(failure([UInt8](repeating: UInt8(ascii: "["), count: 100_000)))
    #expect(error.location == Location(file: "c.tsx", line: 1, column: 100_000))
  }

  @Test("Brackets nested less deeply than the limit are read")
  func allowedDepth() throws {
    let count = 150
    let nested = String(repeating: "(", count: count) + "'redis'" + String(repeating: ")", count: count)
    #expect(try settings("export default { realtime: { driver: \(nested) } }").shownDriver == "redis")
  }

  @Test("NUL bytes are passed over, or are part of the text")
  func bytes() throws {
    let source = "const a = 1 \0 2;\nexport default { realtime: { driver: 'redis', keyPrefix: '\0', url: \0 } }"
    let found = try settings(source)
    #expect(found.shownDriver == "redis")
    #expect(found.shownPrefix == "\0")
    #expect(found.shownURL == "?")
  }

  @Test("Text that is not UTF-8 is an error at the first byte that is none")
  func encoding() throws {
    let error = try #require(failure(Array("export default {}\n// caf".utf8) + [0xE9, 0x0A]))
    #expect(error.message.contains("not UTF-8"))
    #expect(error.location == Location(file: "c.tsx", line: 2, column: 7))
  }

  @Test("A config cut off anywhere is an error or gives values")
  func truncation() {
    let whole = Array(realistic.utf8)
    var read = 0
    for length in 0...whole.count {
      guard let config = try? module(Array(whole[..<length]), path: "c.tsx") else { continue }
      read += 1
      let found = config.realtime(under: .known(["REDIS_URL": Secret("redis://h")]))
      if length == whole.count { #expect(found.shownDriver == "redis") }
    }
    #expect(read >= 1)
  }

  @Test("A config with one byte replaced by a bracket, a quote or a slash is an error or gives values")
  func replacement() {
    let whole = Array(realistic.utf8)
    let replacements = Array("{}(`'/<>$=\\\u{0}".utf8)
    for offset in stride(from: 0, to: whole.count, by: 2) {
      var changed = whole
      changed[offset] = replacements[offset / 2 % replacements.count]
      guard let config = try? module(changed, path: "c.tsx") else { continue }
      #expect(config.realtime(under: .known([:])).driver.location != nil)
    }
  }

  @Test("A row of `<` is not tried as type arguments where no `>` follows before its bracket closes")
  func unclosedAngles() throws {
    let row = String(repeating: "a<b, ", count: 1000)
    let source = SourceText(Array("f(\(row)); g<c>(d)".utf8), path: "c.ts")
    let (tokens, names) = try Lexer.tokens(of: source)
    let parser = Parser(source: source, tokens: tokens, names: names)
    let tried = parser.tokens.indices.filter {
      parser.tokens[$0].kind == .punctuator(.less) && parser.mayCloseAngle(at: $0)
    }
    #expect(tried.count == 1)
    #expect(parser.typeArguments(at: try #require(tried.first)) != nil)
  }

  @Test("Twice the input takes twice the tokens, nodes and steps")
  func linear() throws {
    func work(_ count: Int) throws -> (nodes: Int, steps: Int) {
      let members = (0..<count).map { "k\($0): [process.env.A ? `x${$0}` : 1]" }.joined(separator: ", ")
      let text = "export default { ...{ \(members) }, realtime: 0 }"
      let project = try Project(entry: "c.ts", files: ConfigFiles { _ in .file(Array(text.utf8)) })
      var interpreter = Interpreter(project, under: .known([:]))
      try interpreter.instantiate()
      try interpreter.run(module: 0)
      return (project.entry.program.expressions.count, interpreter.steps)
    }
    let (once, twice) = (try work(1000), try work(2000))
    #expect(twice.nodes <= 2 * once.nodes)
    #expect(twice.steps <= 2 * once.steps)
    #expect(once.steps > 1000)
  }
}

private let realistic = """
  #!/usr/bin/env node
  /* The admin's configuration: it's read by flowpanel. */
  import { defineAdmin, type AdminConfig } from "@flowpanel/kit";
  import * as schema from "./db/schema";
  import type { Session } from "next-auth";
  import { drizzleAdapter } from "@flowpanel/adapter-drizzle";

  const { REDIS_URL, PREFIX: prefix = "fp", ...rest } = process.env;
  const isProduction = process.env.NODE_ENV === "production";

  // Prices are shown in euros.
  const price = (cents: number): string => `${(cents / 100).toFixed(2)} \u{20AC}`;
  const slug = /[^a-z0-9/]+/gi;

  interface Row<T = { id: string }> extends Base<T> {
    name: string;
    tags?: string[];
  }

  type Role = "admin" | "editor" | `custom-${string}`;

  enum Level {
    Low = 1,
    High = 1_000,
  }

  function guard(session: Session | null): session is Session {
    if (!session) throw new Error(`no session: ${JSON.stringify({ at: new Date() })}`);
    return session.roles.some((role) => role === "admin");
  }

  abstract class Store<T extends { id: string }> {
    #items = new Map<string, T>();
    get size() { return this.#items.size / 1; }
  }

  const resources = {
    users: {
      model: schema.users,
      list: { columns: ["id", "email"], pageSize: 25 },
      actions: [{ name: "ban", run: async ({ row }: { row: Row }) => { await ban(row.id); } }],
    },
    orders: { model: schema.orders, format: { total: (row) => price(row.total) } },
  } as const;

  const base = {
    adapter: drizzleAdapter(schema, { logger: !isProduction }),
    title: 'Back office \\'24',
  } satisfies Partial<AdminConfig<Session>>;

  export const runtime = "nodejs";

  export default defineAdmin<Session>({
    ...base,
    auth: { requireRole: (session) => guard(session) ? "admin" : undefined },
    resources,
    realtime: REDIS_URL
      ? { driver: "redis", url: REDIS_URL!, keyPrefix: `${prefix}:admin` }
      : { driver: "memory" },
  });
  """
