// valibot (valibot.dev/api): what a schema makes of one variable.
import AdminConfig
import Testing

@Suite struct ValibotPackage {
  @Test(
    "A schema lets values through, changes them or fails",
    arguments: [
      SchemaCase("v.string()", "a", "a"),
      SchemaCase("v.string()", nil, "fails: PREFIX: Required [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.url())", "a:b", "a:b"),
      SchemaCase("v.pipe(v.string(), v.url('no URL'))", "ab", "fails: PREFIX: no URL [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.nonEmpty())", "", "fails: PREFIX: Too short [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.nonEmpty('set it'))", "", "fails: PREFIX: set it [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.minLength(2), v.maxLength(3))", "ab", "ab"),
      SchemaCase("v.pipe(v.string(), v.minLength(2), v.maxLength(3))", "abcd", "fails: PREFIX: Too long [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.trim(), v.toLowerCase())", " AB ", "ab"),
      SchemaCase("v.pipe(v.string(), v.regex(/^a/))", "b", "fails: PREFIX: Invalid format [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.digits())", "12", "12"),
      SchemaCase("v.pipe(v.string(), v.digits())", "1x", "fails: PREFIX: Invalid format [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.startsWith('a'), v.description('d'))", "ab", "ab"),
      SchemaCase("v.pipe(v.string(), v.check((t) => t !== 'x', 'no x'))", "x", "fails: PREFIX: no x [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.transform((t) => t.split(',')[1]))", "a,b", "b"),
      SchemaCase(
        "v.pipe(v.string(), v.transform(Number), v.number(), v.minValue(5))", "4", "fails: PREFIX: Too small [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.transform(Number), v.integer(), v.transform(String))", "4", "4"),
      SchemaCase("v.optional(v.string())", nil, "-"),
      SchemaCase("v.optional(v.string(), 'd')", nil, "d"),
      SchemaCase("v.optional(v.string(), () => 'd')", nil, "d"),
      SchemaCase("v.optional(v.pipe(v.string(), v.toUpperCase()), 'd')", nil, "D"),
      SchemaCase("v.nullish(v.string(), 'd')", nil, "d"),
      SchemaCase("v.nullable(v.string())", nil, "fails: PREFIX: Required [PREFIX]"),
      SchemaCase("v.fallback(v.picklist(['a', 'b']), 'a')", "c", "a"),
      SchemaCase("v.picklist(['a', 'b'])", "b", "b"),
      SchemaCase("v.picklist(['a', 'b'])", "c", "fails: PREFIX: Expected one of the values that are allowed [PREFIX]"),
      SchemaCase("v.enum({ A: 'a' })", "a", "a"),
      SchemaCase("v.literal('a')", "b", "fails: PREFIX: Expected one of the values that are allowed [PREFIX]"),
      SchemaCase("v.union([v.literal('a'), v.pipe(v.string(), v.url())])", "b:c", "b:c"),
      SchemaCase("v.boolean()", "true", "fails: PREFIX: Expected a boolean [PREFIX]"),
      SchemaCase("v.pipe(v.string(), v.email())", "a", "a"),
      SchemaCase("v.pipe(v.string(), v.madeUp())", "a", "?"),
      SchemaCase("v.madeUp()", "a", "?"),
      SchemaCase("v.custom((t) => t === 'a')", "a", "a"),
      SchemaCase("v.trim()", "a", "?"),
    ])
  func value(_ example: SchemaCase) throws {
    let outcome = try example.outcome { valibot($0) }
    #expect(outcome == example.expected)
  }

  @Test(
    "Results and named imports",
    arguments: [
      PackageCase(
        config(
          #"""
          import { object, parse, partial, string } from "valibot";
          const env = parse(partial(object({ DRIVER: string(), URL: string(), PREFIX: string() })), process.env);
          """#), under: ["DRIVER": "redis"], gives: "redis - -"),
      PackageCase(
        config(
          #"""
          import * as v from "valibot";
          const { success, output } = v.safeParse(v.object({ DRIVER: v.string() }), process.env);
          const env = success ? output : { DRIVER: "memory" };
          """#), gives: "memory - -"),
      PackageCase(
        config(
          #"""
          import * as v from "valibot";
          const env = v.is(v.object({ URL: v.pipe(v.string(), v.url()) }), process.env) ? { DRIVER: "redis" } : { DRIVER: "memory" };
          """#), under: ["URL": "redis://h"], gives: "redis - -"),
    ])
  func whole(_ example: PackageCase) throws {
    let outcome = try example.outcome()
    #expect(outcome == example.expected)
  }
}
