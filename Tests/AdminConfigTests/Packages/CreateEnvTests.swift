// `createEnv` of @t3-oss/env-core, -nextjs and -nuxt (env.t3.gg).
import AdminConfig
import Facts
import Testing

/// A `createEnv` with these options; `DRIVER` and `PREFIX` have defaults, `URL` is required.
private func create(_ options: String, from package: String = "@t3-oss/env-nextjs") -> String {
  config(
    #"""
    import { createEnv } from "\#(package)";
    import { z } from "zod";
    const env = createEnv({
      server: { DRIVER: z.enum(["redis", "memory"]).default("redis"), URL: z.string().url() },
      client: { PREFIX: z.string().min(1).optional() },
      \#(options)
    });
    """#)
}

private let runtime = "runtimeEnv: { DRIVER: process.env.DRIVER, URL: process.env.URL, PREFIX: process.env.PREFIX },"
private let invalid = "fails: Invalid environment variables"

@Suite struct CreateEnv {
  @Test(
    "Values come from where the options say, and are validated unless they say not to",
    arguments: [
      PackageCase(create(runtime), under: ["URL": "a:b"], gives: "redis a:b -"),
      PackageCase(create(runtime), under: ["URL": "a:b", "PREFIX": "p"], gives: "redis a:b p"),
      PackageCase(create(runtime), under: ["URL": "ab"], gives: "\(invalid) [URL]"),
      PackageCase(create(runtime), gives: "\(invalid) [URL]"),
      PackageCase(create(runtime), under: ["DRIVER": "x", "PREFIX": ""], gives: "\(invalid) [DRIVER PREFIX URL]"),
      PackageCase(
        create(runtime + "emptyStringAsUndefined: true"), under: ["URL": "a:b", "PREFIX": ""], gives: "redis a:b -"),
      PackageCase(
        create("experimental__runtimeEnv: process.env"), under: ["URL": "a:b", "PREFIX": "p"], gives: "redis a:b p"),
      PackageCase(create("experimental__runtimeEnv: { PREFIX: 'q' }"), under: ["URL": "a:b"], gives: "redis a:b q"),
      PackageCase(
        create("runtimeEnvStrict: { URL: 'c:d' }, clientPrefix: 'PUBLIC_'", from: "@t3-oss/env-core"),
        under: ["URL": "a:b"],
        gives: "redis c:d -"),
      PackageCase(
        create("runtimeEnv: process.env", from: "@t3-oss/env-core"), under: ["URL": "a:b"], gives: "redis a:b -"),
      PackageCase(create("", from: "@t3-oss/env-nuxt"), under: ["URL": "a:b"], gives: "redis a:b -"),
      PackageCase(create(runtime + "skipValidation: true"), gives: "? - -"),
      PackageCase(
        create(runtime + "skipValidation: process.env.SKIP === '1'"), under: ["SKIP": "1", "URL": "x"], gives: "? x -"),
      PackageCase(
        create(runtime + "skipValidation: somewhere"), under: ["URL": "a:b", "DRIVER": "memory"], gives: "memory - -"),
      PackageCase(create(runtime + "skipValidation: somewhere"), under: ["URL": "a:b"], gives: "? a:b -"),
      PackageCase(
        create(runtime + "onValidationError: () => { throw new Error('own'); }"), gives: "fails: own [URL]"),
      PackageCase(
        create(runtime + "createFinalSchema: (shape) => z.object(shape).transform((e) => ({ ...e, PREFIX: 'f' }))"),
        under: ["URL": "a:b"], gives: "redis a:b f"),
      PackageCase(
        create(runtime + "extends: [{ OTHER: 1, PREFIX: 'x' }]"), under: ["URL": "a:b", "PREFIX": "p"],
        gives: "redis a:b p"),
      PackageCase(create(runtime + "isServer: false"), under: ["PREFIX": "p"], gives: "? ? p"),
      PackageCase(
        config(
          #"""
          import { createEnv } from "@t3-oss/env-core";
          import { vercel } from "@t3-oss/env-core/presets-zod";
          import * as v from "valibot";
          const env = createEnv({ extends: [vercel()], server: { URL: v.optional(v.string(), "u"), PREFIX: v.string() }, runtimeEnv: process.env });
          """#, driver: #"env.VERCEL_ENV === "production" ? "redis" : "memory""#),
        under: ["VERCEL_ENV": "production", "PREFIX": "p"],
        gives: "redis u p"),
      PackageCase(
        config(
          #"""
          import { createEnv } from "@t3-oss/env-core";
          import { type } from "arktype";
          const env = createEnv({ server: { DRIVER: type("string"), URL: type("string"), PREFIX: type("string") }, runtimeEnv: process.env });
          """#), under: ["DRIVER": "redis", "URL": "u", "PREFIX": "p"], gives: "? ? ?"),
      // What is deleted for being empty is gone for everyone.
      PackageCase(
        config(
          #"""
          import { createEnv } from "@t3-oss/env-core";
          createEnv({ server: {}, runtimeEnv: process.env, emptyStringAsUndefined: true });
          const env = process.env;
          """#), under: ["DRIVER": "redis", "URL": "u", "PREFIX": ""], gives: "redis u -"),
    ])
  func outcome(_ example: PackageCase) throws {
    let outcome = try example.outcome()
    #expect(outcome == example.expected)
  }

  @Test("Each value depends on its own variable, and the failure stands at the call")
  func dependencies() throws {
    let source = create(runtime)
    let settings = try PackageCase(source, under: ["URL": "a:b"], gives: "").settings()
    #expect(settings.driver.variables.map(\.name) == ["DRIVER"])
    #expect(settings.url.variables.map(\.name) == ["URL"])
    #expect(settings.reads.map(\.need) == [.hasFallback, .failsWithout, .hasFallback])
    let failure = try PackageCase(source, gives: "").settings().failure
    #expect(failure?.location?.line == 3)
  }
}
