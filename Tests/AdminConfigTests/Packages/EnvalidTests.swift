// envalid (github.com/af/envalid): its validators, its defaults, and what it does when something is wrong.
import AdminConfig
import Testing

@Suite struct EnvalidPackage {
  @Test(
    "A validator lets a text through, reads it as another type or fails",
    arguments: [
      SchemaCase("str()", "a", "a"),
      SchemaCase("str()", "", ""),
      SchemaCase("str()", nil, "fails: Invalid environment variables: PREFIX: Required [PREFIX]"),
      SchemaCase("str({ default: 'd' })", nil, "d"),
      SchemaCase("str({ default: undefined })", nil, "-"),
      SchemaCase("str({ choices: ['a', 'b'] })", "b", "b"),
      SchemaCase(
        "str({ choices: ['a', 'b'] })", "c",
        "fails: Invalid environment variables: PREFIX: Not one of its choices [PREFIX]"),
      SchemaCase("str({ choices: ['a'], default: 'd' })", nil, "d"),
      SchemaCase("url()", "redis://h", "redis://h"),
      SchemaCase("url()", "h", "fails: Invalid environment variables: PREFIX: Invalid URL [PREFIX]"),
      SchemaCase("email()", "a@b.c", "a@b.c"),
      SchemaCase("email()", "a", "fails: Invalid environment variables: PREFIX: Expected an email address [PREFIX]"),
      SchemaCase("host()", "cache.example-1.com", "cache.example-1.com"),
      SchemaCase("host()", "", "fails: Invalid environment variables: PREFIX: Expected a host [PREFIX]"),
      SchemaCase("port()", "x", "fails: Invalid environment variables: PREFIX: Expected a port [PREFIX]"),
      SchemaCase("port()", "0", "fails: Invalid environment variables: PREFIX: Expected a port [PREFIX]"),
      SchemaCase("port()", "080", "fails: Invalid environment variables: PREFIX: Expected a port [PREFIX]"),
      SchemaCase("num()", "x", "fails: Invalid environment variables: PREFIX: Expected a number [PREFIX]"),
      SchemaCase("bool()", "on", "fails: Invalid environment variables: PREFIX: Expected a boolean [PREFIX]"),
      SchemaCase("json()", "{", "fails: Invalid environment variables: PREFIX: Expected JSON [PREFIX]"),
      SchemaCase("makeValidator((t) => t.toUpperCase())()", "a", "A"),
      SchemaCase("makeValidator((t) => t.toUpperCase())({ default: 'd' })", nil, "d"),
      SchemaCase(
        "makeValidator((t) => { if (t !== 'a') throw new Error(); return t })()", "b",
        "fails: Invalid environment variables: PREFIX: Invalid value [PREFIX]"),
      SchemaCase("madeUp()", "a", "?"),
    ])
  func value(_ example: SchemaCase) throws {
    let outcome = try example.outcome { envalid($0) }
    #expect(outcome == example.expected)
  }

  @Test(
    "Values of other types, stages and reporters",
    arguments: [
      PackageCase(
        config(
          #"""
          import { bool, cleanEnv, json, num, port } from "envalid";
          const raw = cleanEnv(process.env, { ON: bool(), N: num(), P: port(), J: json() });
          const env = { DRIVER: raw.ON ? "redis" : "memory", URL: `redis://h:${raw.P + 1}`, PREFIX: `${raw.N * 2}${raw.J.a}` };
          """#), under: ["ON": "t", "N": "1.5x", "P": "6379", "J": #"{ "a": 1 }"#], gives: "redis redis://h:6380 31"),
      PackageCase(stages, under: ["NODE_ENV": "development"], gives: "redis dev true"),
      PackageCase(stages, under: ["NODE_ENV": "test"], gives: "redis dev false"),
      PackageCase(stages, under: ["NODE_ENV": "production", "URL": "u"], gives: "redis u false"),
      PackageCase(stages, under: ["URL": "u"], gives: "redis u false"),
      PackageCase(
        stages, under: ["NODE_ENV": "production"], gives: "fails: Invalid environment variables: URL: Required [URL]"),
      PackageCase(stages, gives: "fails: Invalid environment variables: URL: Required [URL]"),
      PackageCase(
        config(
          #"""
          import * as envalid from "envalid";
          const env = envalid.cleanEnv(process.env, { DRIVER: envalid.str(), URL: envalid.str(), PREFIX: envalid.str() }, {
            reporter: ({ errors }) => { const names = Object.keys(errors); if (names.length) throw new Error("set " + names.join(", ")); },
          });
          """#), under: ["DRIVER": "redis"], gives: "fails: set URL, PREFIX [PREFIX URL]"),
      PackageCase(
        config(
          #"""
          import { cleanEnv, str } from "envalid";
          const env = cleanEnv(process.env, { DRIVER: str(), URL: str() }, { reporter: () => {} });
          """#, prefix: "undefined"), under: ["DRIVER": "redis"], gives: "redis - -"),
      PackageCase(
        config(
          #"""
          import { cleanEnv, str } from "envalid";
          const env = cleanEnv(process.env, { DRIVER: str() });
          """#, url: #""u""#), under: ["DRIVER": "redis", "PREFIX": "p"], gives: "redis u ?"),
    ])
  func whole(_ example: PackageCase) throws {
    let outcome = try example.outcome()
    #expect(outcome == example.expected)
  }
}

/// A default of development, and what tells the stage.
private let stages = config(
  #"""
  import { cleanEnv, str } from "envalid";
  const env = cleanEnv(process.env, { URL: str({ devDefault: "dev" }) });
  """#, driver: #""redis""#, prefix: "String(env.isDev && !env.isProd && !env.isProduction)")
