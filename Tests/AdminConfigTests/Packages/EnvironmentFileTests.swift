// What dotenv, dotenv-flow, dotenvx and @next/env read into `process.env`, as far as the project's own files tell.
import AdminConfig
import Facts
import Testing

/// A config that reads the variables after `preamble` has run.
private func loading(_ preamble: String) -> String { config("\(preamble)\nconst env = process.env;") }

private let file = [".env": "DRIVER=redis\nURL=file", "package.json": "{}"]

@Suite struct EnvironmentFiles {
  @Test(
    "A file sets what is not set; without a file what is not set stays open",
    arguments: [
      PackageCase(loading(#"import "dotenv/config";"#), with: file, gives: "redis file -"),
      PackageCase(
        loading(#"import "dotenv/config";"#), under: ["URL": "", "PREFIX": "p"], with: file, gives: "redis  p"),
      PackageCase(loading(#"import "dotenv/config";"#), under: ["URL": "own"], gives: "? own ?"),
      PackageCase(
        loading(#"import "dotenv/config";"#), under: ["DOTENV_CONFIG_PATH": "a.env"], with: ["a.env": "URL=a"],
        gives: "? a -"),
      PackageCase(loading(#"import dotenv from "dotenv"; dotenv.config();"#), with: file, gives: "redis file -"),
      PackageCase(
        loading(#"import * as d from "dotenv"; d.config({ path: "./a.env" });"#), with: ["a.env": "URL=a"],
        gives: "? a -"),
      PackageCase(loading(#"require("dotenv").config();"#), with: file, gives: "redis file -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; config({ path: ["a.env", "b.env"] });"#),
        with: ["a.env": "URL=a", "b.env": "URL=b\nPREFIX=b"], gives: "? a b"),
      PackageCase(
        loading(#"import { config } from "dotenv"; config({ path: ["a.env", "b.env"], override: true });"#),
        under: ["URL": "own"], with: ["a.env": "URL=a", "b.env": "URL=b\nPREFIX=b"], gives: "? b b"),
      PackageCase(
        loading(#"import { config } from "dotenv"; config({ path: "a.env" }); config();"#),
        with: ["a.env": "URL=a", ".env": "URL=b\nDRIVER=memory"], gives: "memory - -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; config({ path: `.env.${process.env.STAGE}` });"#),
        under: ["STAGE": "live"], with: [".env.live": "URL=live"], gives: "? live -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; config({ path: elsewhere });"#), with: file, gives: "? ? ?"),
      PackageCase(
        loading(#"import { config } from "dotenv"; const result = config(); if (result.error) throw result.error;"#),
        with: file, gives: "redis file -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; if (process.env.NODE_ENV !== "production") config();"#),
        under: ["NODE_ENV": "production", "DRIVER": "redis"], with: file, gives: "redis - -"),
      PackageCase(
        loading(#"if (process.env.NODE_ENV !== "production") require("dotenv").config();"#),
        under: ["NODE_ENV": "production", "DRIVER": "redis"], with: file, gives: "redis - -"),
      PackageCase(
        loading(#"if (somewhere) require("dotenv").config();"#), under: ["URL": "own"], with: file, gives: "? own -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; if (process.env.STAGE === "live") config();"#),
        under: ["STAGE": "live"], with: file, gives: "redis file -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; config({ processEnv: {} });"#), under: ["DRIVER": "redis"],
        with: file,
        gives: "redis - -"),
      PackageCase(
        loading(#"import { config } from "dotenv"; import { expand } from "dotenv-expand"; expand(config());"#),
        with: [".env": "DRIVER=redis\nURL=$DRIVER"], gives: "redis ? -"),
      PackageCase(
        config(#"import { config } from "dotenv"; const env = config().parsed;"#), under: ["URL": "own"], with: file,
        gives: "redis file -"),
      PackageCase(
        loading(#"import { config } from "@dotenvx/dotenvx"; config();"#),
        with: [".env": "DRIVER=redis\nURL=encrypted:x"], gives: "redis ? -"),
      PackageCase(
        loading(#"import "dotenv-flow/config";"#), under: ["NODE_ENV": "production"],
        with: [".env": "DRIVER=redis\nURL=a", ".env.production": "URL=b", ".env.test": "PREFIX=t"], gives: "redis b -"),
      PackageCase(
        loading(#"import { loadEnvConfig } from "@next/env"; loadEnvConfig(process.cwd());"#),
        with: [
          ".env": "DRIVER=redis\nURL=a", ".env.local": "URL=$DRIVER", ".env.production": "PREFIX=p",
          ".env.development": "PREFIX=d",
        ],
        gives: "redis  p"),
      PackageCase(
        loading(#"import { loadEnvConfig } from "@next/env"; loadEnvConfig(process.cwd(), true);"#),
        under: ["DRIVER": "redis"],
        with: [".env.local": "URL=$DRIVER", ".env.production": "PREFIX=p", ".env.development": "PREFIX=d"],
        gives: "redis redis d"),
      PackageCase(
        loading(#"import next from "@next/env"; next.loadEnvConfig("./web");"#),
        under: ["NODE_ENV": "test", "DRIVER": "redis"],
        with: ["web/.env.local": "URL=no", "web/.env.test": "URL=t", "web/.env": "PREFIX=p"], gives: "redis t p"),
      PackageCase(
        loading(#"import { loadEnvConfig } from "@next/env"; loadEnvConfig(elsewhere);"#), under: ["DRIVER": "redis"],
        with: [".env": "URL=no"], gives: "redis ? ?"),
      PackageCase(
        loading(#"import "server-only"; import "client-only";"#), under: ["DRIVER": "redis"], gives: "redis - -"),
    ])
  func outcome(_ example: PackageCase) throws {
    let outcome = try example.outcome()
    #expect(outcome == example.expected)
  }

  @Test("What a file may set is unknown for a reason that names the variable and the package")
  func reason() throws {
    let settings = try PackageCase(loading(#"import "dotenv/config";"#), gives: "").settings()
    #expect(
      settings.driverReason
        == "`realtime.driver` depends on `DRIVER`, which is not set and which \"dotenv\" may read from a file")
  }

  @Test("A variable that a file sets is one that the config reads, and its text counts as the variable's")
  func reads() throws {
    let settings = try PackageCase(loading(#"import "dotenv/config";"#), with: file, gives: "").settings()
    #expect(settings.reads.map(\.name) == ["DRIVER", "URL", "PREFIX"])
    #expect(settings.url.textVariables == ["URL"])
  }

  @Test("Without a reader for environment files, and with an unknown environment, nothing of them is known")
  func unread() throws {
    let example = PackageCase(loading(#"import "dotenv/config";"#), with: file, gives: "")
    let plain = try ConfigModule(entry: "flowpanel.config.ts", files: ConfigFiles(content: example.tree.content))
    #expect(plain.realtime(under: .known([:])).shownDriver == "?")
    let whole = try ConfigModule(entry: "flowpanel.config.ts", files: example.tree)
    #expect(whole.realtime(under: .unknown(Unseen(.notUnderstood, "no access"))).shownDriver == "?")
  }

  @Test("Files are looked for beside package.json, as the project's tools run there")
  func folder() throws {
    let files = ConfigFiles(
      content: { path in
        switch path {
        case "app/src/flowpanel.config.ts": .file(Array(loading(#"import "dotenv/config";"#).utf8))
        case "app/package.json": .file(Array("{}".utf8))
        case "app/.env": .file(Array("x".utf8))
        default: .missing
        }
      }, environment: { _, _, _ in [("DRIVER", "redis")] })
    let module = try ConfigModule(entry: "app/src/flowpanel.config.ts", files: files)
    #expect(module.realtime(under: .known([:])).shownDriver == "redis")
  }
}
