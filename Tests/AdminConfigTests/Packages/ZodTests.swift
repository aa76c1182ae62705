// zod (zod.dev/api): what a schema makes of one variable, and what whole schemas give.
import AdminConfig
import Facts
import Testing

/// A schema of a variable, its text, and the value that comes out; nil where the variable is not set.
struct SchemaCase: CustomTestStringConvertible, Sendable {
  var schema: String
  var text: String?
  var expected: String

  init(_ schema: String, _ text: String?, _ expected: String) {
    self.schema = schema
    self.text = text
    self.expected = expected
  }

  var testDescription: String { "\(schema) of \(text ?? "nothing")" }

  /// The variable's value, `fails: …` or `?`.
  func outcome(_ source: (String) -> String) throws -> String {
    let outcome = try PackageCase(source(schema), under: text.map { ["PREFIX": $0] } ?? [:], gives: "").outcome()
    guard outcome.hasPrefix("redis "), outcome.hasSuffix(" -") else { return outcome }
    return String(outcome.dropFirst("redis ".count).dropLast(" -".count))
  }
}

@Suite struct ZodPackage {
  @Test(
    "A schema lets values through, changes them or fails",
    arguments: [
      SchemaCase("z.string()", "a", "a"),
      SchemaCase("z.string()", "", ""),
      SchemaCase("z.string()", nil, "fails: PREFIX: Required [PREFIX]"),
      SchemaCase("z.string().min(1)", "", "fails: PREFIX: Too short [PREFIX]"),
      SchemaCase(#"z.string().min(1, "PREFIX is needed")"#, "", "fails: PREFIX: PREFIX is needed [PREFIX]"),
      SchemaCase(#"z.string().min(1, { message: "is needed" })"#, "", "fails: PREFIX: is needed [PREFIX]"),
      SchemaCase("z.string().nonempty()", "", "fails: PREFIX: Too short [PREFIX]"),
      SchemaCase("z.string().max(2)", "abc", "fails: PREFIX: Too long [PREFIX]"),
      SchemaCase("z.string().length(2)", "ab", "ab"),
      SchemaCase("z.string().length(2)", "abc", "fails: PREFIX: Wrong length [PREFIX]"),
      SchemaCase("z.string().url()", "a:b", "a:b"),
      SchemaCase("z.string().url()", "ab", "fails: PREFIX: Invalid URL [PREFIX]"),
      SchemaCase("z.url()", "redis://h", "redis://h"),
      SchemaCase("z.url({ protocol: /^rediss?$/ })", "rediss://h", "rediss://h"),
      SchemaCase("z.url({ protocol: /^rediss?$/ })", "http://h", "fails: PREFIX: Invalid URL [PREFIX]"),
      SchemaCase(#"z.string().startsWith("a")"#, "abc", "abc"),
      SchemaCase(#"z.string().startsWith("b")"#, "abc", "fails: PREFIX: Invalid text [PREFIX]"),
      SchemaCase(#"z.string().endsWith("c").includes("b")"#, "abc", "abc"),
      SchemaCase(#"z.string().regex(/^[a-z]+$/)"#, "abc", "abc"),
      SchemaCase(#"z.string().regex(/^[a-z]+$/, "letters")"#, "a1", "fails: PREFIX: letters [PREFIX]"),
      SchemaCase("z.string().trim().toUpperCase()", " ab ", "AB"),
      SchemaCase("z.string().optional()", nil, "-"),
      SchemaCase("z.string().optional()", "a", "a"),
      SchemaCase("z.optional(z.string())", nil, "-"),
      SchemaCase("z.string().nullish()", nil, "-"),
      SchemaCase("z.string().nullable()", nil, "fails: PREFIX: Required [PREFIX]"),
      SchemaCase(#"z.string().default("d")"#, nil, "d"),
      SchemaCase(#"z.string().default("d")"#, "", ""),
      SchemaCase(#"z.string().default(() => "d")"#, nil, "d"),
      SchemaCase(#"z.string().min(3).default("d")"#, nil, "d"),
      SchemaCase(#"z.string().trim().prefault(" d ")"#, nil, "d"),
      SchemaCase(#"z.string().min(3).catch("c")"#, "a", "c"),
      SchemaCase(#"z.string().min(3).catch("c")"#, nil, "c"),
      SchemaCase(#"z.enum(["a", "b"])"#, "b", "b"),
      SchemaCase(#"z.enum(["a", "b"])"#, "c", "fails: PREFIX: Expected one of the values that are allowed [PREFIX]"),
      SchemaCase(#"z.nativeEnum({ A: "a", B: "b" })"#, "b", "b"),
      SchemaCase(#"z.enum(["a", "b"]).extract(["a"])"#, "a", "a"),
      SchemaCase(
        #"z.enum(["a", "b"]).exclude(["a"])"#, "a",
        "fails: PREFIX: Expected one of the values that are allowed [PREFIX]"),
      SchemaCase(#"z.literal("a")"#, "a", "a"),
      SchemaCase(#"z.literal(["a", "b"])"#, "b", "b"),
      SchemaCase(#"z.union([z.literal("a"), z.string().url()])"#, "a", "a"),
      SchemaCase(#"z.union([z.literal("a"), z.string().url()])"#, "b", "fails: PREFIX: Invalid input [PREFIX]"),
      SchemaCase(#"z.literal("").or(z.string().url())"#, "", ""),
      SchemaCase(#"z.number()"#, "1", "fails: PREFIX: Expected a number [PREFIX]"),
      SchemaCase("z.coerce.number().int().transform((n) => `n${n + 1}`)", "41", "n42"),
      SchemaCase("z.coerce.number().int()", "1.5", "fails: PREFIX: Expected an integer [PREFIX]"),
      SchemaCase("z.coerce.number().positive()", "0", "fails: PREFIX: Too small [PREFIX]"),
      SchemaCase("z.coerce.number()", "x", "fails: PREFIX: Expected a number [PREFIX]"),
      SchemaCase("z.coerce.number()", nil, "fails: PREFIX: Required [PREFIX]"),
      SchemaCase("z.coerce.number().multipleOf(5).transform(String)", "15", "15"),
      SchemaCase("z.coerce.boolean().transform(String)", "false", "true"),
      SchemaCase("z.coerce.string()", nil, "undefined"),
      SchemaCase(#"z.stringbool().transform((on) => on ? "on" : "off")"#, "YES", "on"),
      SchemaCase(#"z.stringbool().transform((on) => on ? "on" : "off")"#, "disabled", "off"),
      SchemaCase("z.stringbool()", "maybe", "fails: PREFIX: Expected a word for true or false [PREFIX]"),
      SchemaCase(#"z.preprocess((v) => v || "p", z.string())"#, "", "p"),
      SchemaCase(#"z.preprocess((v) => v === "" ? undefined : v, z.string().optional())"#, "", "-"),
      SchemaCase(#"z.string().transform((v) => v.split(",")).transform((v) => v[1])"#, "a,b", "b"),
      SchemaCase(
        #"z.string().transform((v) => v + "x").pipe(z.string().min(3))"#, "a", "fails: PREFIX: Too short [PREFIX]"),
      SchemaCase(#"z.string().refine((v) => v !== "bad", "not bad")"#, "bad", "fails: PREFIX: not bad [PREFIX]"),
      SchemaCase(#"z.string().refine((v) => v !== "bad")"#, "good", "good"),
      SchemaCase(
        #"z.string().superRefine((v, ctx) => { if (v === "x") ctx.addIssue({ code: "custom", message: "no x" }); })"#,
        "x", "fails: PREFIX: no x [PREFIX]"),
      SchemaCase(
        #"z.string().superRefine((v, ctx) => { if (v === "x") ctx.addIssue({ code: "custom", message: "no x" }); })"#,
        "y", "y"),
      SchemaCase(
        #"z.string().check((ctx) => { if (ctx.value === "x") ctx.issues.push({ code: "custom", message: "no x" }); })"#,
        "x", "fails: PREFIX: no x [PREFIX]"),
      SchemaCase("z.string().describe('d').brand().readonly()", "a", "a"),
      SchemaCase("z.any()", nil, "-"),
      SchemaCase("z.unknown()", "a", "a"),
      SchemaCase("z.undefined()", "a", "fails: PREFIX: Expected one of the values that are allowed [PREFIX]"),
      SchemaCase("z.never().optional()", nil, "-"),
      SchemaCase("z.lazy(() => z.string())", "a", "a"),
      // What is not computed keeps the text of a check, and nothing of anything else.
      SchemaCase("z.string().email()", "a", "a"),
      SchemaCase("z.email()", "a", "a"),
      SchemaCase("z.string().uuid().min(3)", "a", "fails: PREFIX: Too short [PREFIX]"),
      SchemaCase("z.string().madeUp()", "a", "?"),
      SchemaCase("z.madeUp()", "a", "?"),
      SchemaCase("z.string().transform((t) => z.string() instanceof z.ZodObject ? t : t + 1)", "a", "?"),
      SchemaCase("z.date()", "a", "?"),
      SchemaCase(#"z.hash("md5")"#, nil, "?"),
      SchemaCase("z.pipe(z.string(), z.transform((t) => t + 1))", "a", "a1"),
      SchemaCase(#"z.custom((t) => t === "a", "no a")"#, "b", "fails: PREFIX: no a [PREFIX]"),
      SchemaCase(#"z.madeUp().catch("c")"#, "a", "?"),
      SchemaCase(#"z.union([z.string().email(), z.string().transform(() => "b")])"#, "a", "?"),
      SchemaCase("z.string().url()", " a:b ", "?"),
    ])
  func value(_ example: SchemaCase) throws {
    let outcome = try example.outcome { zod($0) }
    #expect(outcome == example.expected)
  }

  @Test(
    "A default goes through the schema in zod 3 and past it in zod 4",
    arguments: [
      ("zod/v3", nil, "a"), ("zod/v4", nil, "A"), ("zod", "^3.25.0", "a"), ("zod", "4.1.5", "A"), ("zod", nil, "?"),
    ])
  func defaults(_ package: String, _ version: String?, _ expected: String) throws {
    let source = zod(#"z.string().toLowerCase().default("A")"#, from: package)
    let files = version.map { ["package.json": #"{ "dependencies": { "zod": "\#($0)" } }"#] } ?? [:]
    #expect(try PackageCase(source, with: files, gives: "").outcome() == "redis \(expected) -")
  }

  @Test(
    "Objects are built, changed and parsed",
    arguments: [
      PackageCase(
        config(
          #"""
          import * as z from "zod";
          const base = z.object({ DRIVER: z.string(), EXTRA: z.string() });
          const env = base.extend({ URL: z.string().url() }).merge(z.object({ PREFIX: z.string() })).omit({ EXTRA: true })
            .partial({ PREFIX: true }).parse(process.env);
          """#), under: ["DRIVER": "redis", "URL": "redis://h"], gives: "redis redis://h -"),
      PackageCase(
        config(
          #"""
          import z from "zod";
          const all = z.object({ DRIVER: z.string(), URL: z.string(), PREFIX: z.string().optional() });
          const env = z.object({ ...all.pick({ DRIVER: true }).shape, URL: all.shape.URL, PREFIX: z.any() }).parse({ ...process.env });
          """#), under: ["DRIVER": "redis", "URL": "redis://h", "PREFIX": "p"], gives: "redis redis://h p"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = z.object({ DRIVER: z.string() }).parse(process.env);
          """#), under: ["DRIVER": "redis", "URL": "redis://h", "PREFIX": "p"], gives: "redis - -"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = z.object({ DRIVER: z.string() }).passthrough().parse(process.env);
          """#), under: ["DRIVER": "redis", "URL": "redis://h", "PREFIX": "p"], gives: "redis redis://h p"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = z.object({ DRIVER: z.string(), URL: z.string(), PREFIX: z.string() }).strict()
            .parse({ DRIVER: "redis", URL: "u", PREFIX: "p", OTHER: 1 });
          """#), gives: "fails: OTHER: Unrecognized key []"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = z.object({ DRIVER: z.enum(["redis", "memory"]), URL: z.string().optional(), PREFIX: z.string().optional() })
            .refine((e) => e.DRIVER !== "redis" || e.URL, { message: "needed for redis", path: ["URL"] }).parse(process.env);
          """#), under: ["DRIVER": "redis"], gives: "fails: URL: needed for redis [DRIVER URL]"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = z.discriminatedUnion("DRIVER", [
            z.object({ DRIVER: z.literal("memory") }), z.object({ DRIVER: z.literal("redis"), URL: z.string() }),
          ]).parse(process.env);
          """#), under: ["DRIVER": "redis", "URL": "redis://h"], gives: "redis redis://h -"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = z.object({ DRIVER: z.string(), URL: z.string() }).and(z.object({ PREFIX: z.string() })).parse(process.env);
          """#), under: ["DRIVER": "redis", "URL": "redis://h", "PREFIX": "p"], gives: "redis redis://h p"),
      PackageCase(
        config(
          #"""
          import * as z from "zod/mini";
          const env = z.parse(z.object({
            DRIVER: z._default(z.enum(["redis", "memory"]), "redis"), URL: z.string().check(z.minLength(1), z.startsWith("redis")),
            PREFIX: z.optional(z.string()) }), process.env);
          """#), under: ["URL": "redis://h"], gives: "redis redis://h -"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const env = await z.object({ DRIVER: z.string(), URL: z.string(), PREFIX: z.string().optional() }).parseAsync(process.env);
          """#), under: ["DRIVER": "redis"], gives: "fails: URL: Required [URL]"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          let env;
          try { env = z.object({ DRIVER: z.string(), URL: z.string(), PREFIX: z.string() }).parse(process.env); }
          catch (error) {
            if (!(error instanceof z.ZodError)) throw error;
            throw new Error("set " + error.issues.map((issue) => issue.path.join(".")).join(", "));
          }
          """#), under: ["DRIVER": "redis"], gives: "fails: set URL, PREFIX [PREFIX URL]"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          function read() {
            try { return z.object({ DRIVER: z.string().email() }).parse(process.env); } catch { return { DRIVER: "memory" }; }
          }
          const env = read();
          """#), under: ["DRIVER": "redis"], gives: "? ? ?"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const result = z.object({ DRIVER: z.string(), URL: z.string(), PREFIX: z.string().email() }).safeParse(process.env);
          const env = result.success ? result.data : { DRIVER: "memory" };
          """#), under: ["DRIVER": "redis", "URL": "u", "PREFIX": "p"], gives: "? ? ?"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          const result = z.object({ DRIVER: z.string(), URL: z.string(), PREFIX: z.string() }).safeParse(process.env);
          if (!result.success) { console.error(result.error.flatten().fieldErrors); process.exit(1); }
          const env = result.data;
          """#), under: ["DRIVER": "redis", "URL": "u", "PREFIX": "p"], gives: "redis u p"),
      // The environment is as it was after a schema has seen it, also one that is not known.
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          z.madeUp({ a: 1 }).parse(process.env);
          z.object({ URL: z.madeUp() }).madeUp().safeParse(process.env);
          const env = process.env;
          """#), under: ["DRIVER": "redis", "URL": "u"], gives: "redis u -"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          let prefix = "p";
          z.string().madeUp(() => { prefix = "q"; });
          const env = { DRIVER: "redis", URL: "u", PREFIX: prefix };
          """#), gives: "redis u ?"),
      PackageCase(
        config(
          #"""
          import { z } from "zod";
          import { DRIVER } from "./schemas-that-are-not-there";
          const env = z.object({ DRIVER, URL: z.string(), PREFIX: z.string() }).parse(process.env);
          """#), under: ["DRIVER": "redis", "URL": "u", "PREFIX": "p"], gives: "? u p"),
    ])
  func whole(_ example: PackageCase) throws {
    let outcome = try example.outcome()
    #expect(outcome == example.expected)
  }

  @Test("A variable of a schema is required, or has a fallback, whether or not it is set")
  func needs() throws {
    let source = config(
      #"""
      import { z } from "zod";
      const parsed = z.object({
        DRIVER: z.enum(["redis", "memory"]), URL: z.string().url().optional(), PREFIX: z.string().default("p"),
      }).safeParse(process.env);
      if (!parsed.success) throw new Error("invalid");
      const env = parsed.data;
      """#)
    let settings = try PackageCase(source, under: ["DRIVER": "redis", "URL": "redis://h"], gives: "").settings()
    #expect(settings.reads.map(\.name) == ["DRIVER", "URL", "PREFIX"])
    #expect(settings.reads.map(\.need) == [.failsWithout, .hasFallback, .hasFallback])
    #expect(settings.url.variables.map(\.name) == ["URL"])
    #expect(settings.keyPrefix.variables.map(\.name) == ["PREFIX"])
  }

  @Test("Under an unknown environment no value is known, and what is required still is")
  func unknownEnvironment() throws {
    let schema = zod(#"z.enum(["a"]).default("a")"#)
    let module = try ConfigModule(entry: "flowpanel.config.ts", files: PackageCase(schema, gives: "").tree)
    let settings = module.realtime(under: .unknown(Unseen(.notUnderstood, "no access")))
    #expect(settings.failure == nil)
    #expect(settings.shownURL == "?")
    #expect(settings.reads.map(\.need) == [.hasFallback])
  }

  @Test("A value of a default stands where the default does")
  func places() throws {
    let settings = try PackageCase(zod("z.string()\n.default(\"d\")"), gives: "").settings()
    #expect(settings.url.location?.line == 3)
  }

  @Test("A schema that holds itself, or is long, ends with a reason")
  func bounds() throws {
    let endless = zod("(() => { const s = z.lazy(() => z.array(s).or(s)); return s })()")
    #expect(try PackageCase(endless, under: ["PREFIX": "a"], gives: "").outcome() == "? ? ?")
    let nested = zod(
      "(() => { let s = z.string(); for (let i = 0; i < 60; i++) s = z.union([s, s]); return s })()")
    #expect(try PackageCase(nested, under: ["PREFIX": "a"], gives: "").outcome() == "redis a -")
    #expect(try PackageCase(nested, gives: "").outcome() == "? ? ?")
    let long = zod("z.string()" + String(repeating: ".min(1)", count: 150))
    #expect(try PackageCase(long, under: ["PREFIX": "a"], gives: "").outcome() == "redis a -")
  }
}
