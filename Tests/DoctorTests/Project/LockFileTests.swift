// The lock files of each package manager, as it writes them: which version of a package they hold, and on which line.

import Facts
import Testing

@testable import Doctor

@Suite struct LockFileTests {
  struct Sample: CustomTestStringConvertible, Sendable {
    var name: String
    var file: String
    var text: String
    /// The line of ioredis, and of @flowpanel/kit.
    var lines: [Int]

    var testDescription: String { name }
  }

  @Test("a lock file tells the versions and their lines", arguments: samples)
  func versions(_ sample: Sample) throws {
    let project = try TemporaryProject(["package.json": "{}", sample.file: sample.text])
    let packages = try #require(project.facts()?.packages.value)
    #expect(packages.lockFiles == [LockFile(path: project.path(sample.file))])
    #expect(packages.ioredis.locked?.version == "5.11.1")
    #expect(packages.ioredis.locked?.location.line == sample.lines[0])
    #expect(packages.flowpanel?.name == "@flowpanel/kit")
    #expect(packages.flowpanel?.locked?.version == "0.3.0")
    #expect(packages.flowpanel?.locked?.location.line == sample.lines[1])
    #expect(packages.flowpanel?.declaration == nil)
  }

  @Test("a lock file without the package does not have it", arguments: samples)
  func absence(_ sample: Sample) throws {
    let text = sample.text.replacing("ioredis", with: "node-redis")
    let project = try TemporaryProject(["package.json": "{}", sample.file: text])
    let packages = try #require(project.facts()?.packages.value)
    #expect(packages.ioredis.locked == nil)
    #expect(packages.lockFiles.allSatisfy { $0.problem == nil })
  }

  @Test func `bun's binary lock file is there and not understood`() throws {
    let project = try TemporaryProject([
      "package.json": "{}", "bun.lockb": "#!/usr/bin/env bun\nbun-lockfile-format-v0\n",
    ])
    let files = try #require(project.facts()?.packages.value?.lockFiles)
    #expect(files.map(\.path) == [project.path("bun.lockb")])
    #expect(files.first?.problem?.contains("binary") == true)
  }

  @Test func `beside bun's text the binary file does not count`() throws {
    let project = try TemporaryProject(["package.json": "{}", "bun.lock": "{\"packages\": {}}", "bun.lockb": "x"])
    #expect(project.facts()?.packages.value?.lockFiles == [LockFile(path: project.path("bun.lock"))])
  }

  @Test(
    "a file that is not what its name says has a problem, and no versions",
    arguments: [
      ("package-lock.json", "{\"packages\": {", "line 1"), ("package-lock.json", "not json", "expected"),
      ("package-lock.json", String(repeating: "[", count: 200), "deeper"),
      ("pnpm-lock.yaml", "packages:\n  x: 1\n", "pnpm"),
      ("yarn.lock", "ioredis@^5:\n  version \"5.11.1\"\n", "yarn"), ("bun.lock", "{\"packages\": [,]}", "expected"),
    ])
  func problems(_ file: String, _ text: String, _ phrase: String) throws {
    let project = try TemporaryProject(["package.json": "{}", file: text])
    let packages = try #require(project.facts()?.packages.value)
    #expect(packages.lockFiles.first?.problem?.contains(phrase) == true, "\(packages.lockFiles)")
    #expect(packages.ioredis.locked == nil)
  }

  @Test func `the lock file of a workspace is found above the package`() throws {
    let project = try TemporaryProject([
      "package.json": "{\"workspaces\": [\"apps/*\"]}", "apps/admin/package.json": plainPackage,
      "yarn.lock": samples[4].text, "apps/admin/flowpanel.config.ts": "",
    ])
    let facts = try #require(project.facts(around: "apps/admin/flowpanel.config.ts"))
    #expect(facts.root == project.path("apps/admin"))
    #expect(facts.packages.value?.lockFiles.map(\.path) == [project.path("yarn.lock")])
    #expect(facts.packages.value?.ioredis.locked?.version == "5.11.1")
  }

  @Test func `of several versions the highest counts`() throws {
    let text = """
      {"lockfileVersion": 3, "packages": {
        "node_modules/ioredis": {"version": "5.9.0"},
        "node_modules/bullmq/node_modules/ioredis": {"version": "5.10.1"}
      }}
      """
    let project = try TemporaryProject(["package.json": "{}", "package-lock.json": text])
    #expect(project.facts()?.packages.value?.ioredis.locked?.version == "5.10.1")
  }

  @Test func `a version that is a URL is not shown`() throws {
    let text =
      "lockfileVersion: '9.0'\n\npackages:\n\n  ioredis@https://user:hunter2@example.com/ioredis.tgz:\n    resolution: {}\n"
    let project = try TemporaryProject(["package.json": "{}", "pnpm-lock.yaml": text])
    let facts = try #require(project.facts())
    #expect(facts.packages.value?.ioredis.locked != nil)
    #expect(!"\(facts)".contains("hunter2"))
  }
}

private let samples = [
  LockFileTests.Sample(
    name: "npm, version 3", file: "package-lock.json",
    text: """
      {
        "name": "shop",
        "lockfileVersion": 3,
        "requires": true,
        "packages": {
          "": {
            "name": "shop",
            "dependencies": {
              "@flowpanel/kit": "^0.3.0",
              "ioredis": "^5.10.1"
            }
          },
          "node_modules/@flowpanel/kit": {
            "version": "0.3.0",
            "resolved": "https://registry.example.com/@flowpanel/kit/-/kit-0.3.0.tgz",
            "peerDependencies": {
              "next": "^15.0.0"
            }
          },
          "node_modules/ioredis": {
            "version": "5.11.1",
            "resolved": "https://registry.example.com/ioredis/-/ioredis-5.11.1.tgz",
            "engines": {
              "node": ">=12.22.0"
            }
          }
        }
      }

      """, lines: [21, 14]),
  LockFileTests.Sample(
    name: "npm, version 1", file: "npm-shrinkwrap.json",
    text: """
      {
        "name": "shop",
        "lockfileVersion": 1,
        "dependencies": {
          "@flowpanel/kit": {
            "version": "0.3.0",
            "requires": {
              "ioredis": "^5.10.1"
            },
            "dependencies": {
              "ioredis": {
                "version": "5.11.1"
              }
            }
          }
        }
      }

      """, lines: [12, 6]),
  LockFileTests.Sample(
    name: "pnpm, version 9", file: "pnpm-lock.yaml",
    text: """
      lockfileVersion: '9.0'

      settings:
        autoInstallPeers: true

      importers:

        .:
          dependencies:
            ioredis:
              specifier: ^5.10.1
              version: 5.11.1

      packages:

        '@flowpanel/kit@0.3.0':
          resolution: {integrity: sha512-AA==}
          engines: {node: '>=20'}

        ioredis@5.11.1:
          resolution: {integrity: sha512-BB==}

      snapshots:

        '@flowpanel/kit@0.3.0(next@15.5.24)':
          dependencies:
            next: 15.5.24

        ioredis@5.11.1:
          dependencies:
            debug: 4.4.3

      """, lines: [20, 16]),
  LockFileTests.Sample(
    name: "pnpm, version 5", file: "pnpm-lock.yaml",
    text: """
      lockfileVersion: 5.4

      specifiers:
        ioredis: ^5.10.1

      packages:

        /@flowpanel/kit/0.3.0_next@15.5.24:
          resolution: {integrity: sha512-AA==}

        /ioredis/5.11.1:
          resolution: {integrity: sha512-BB==}

      """, lines: [11, 8]),
  LockFileTests.Sample(
    name: "yarn, version 1", file: "yarn.lock",
    text: """
      # THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
      # yarn lockfile v1


      "@flowpanel/kit@^0.3.0":
        version "0.3.0"
        resolved "https://registry.example.com/@flowpanel/kit/-/kit-0.3.0.tgz#00"
        optionalDependencies:
          ioredis "^5.11.1"

      ioredis@^5.10.1, ioredis@^5.11.1:
        version "5.11.1"
        resolved "https://registry.example.com/ioredis/-/ioredis-5.11.1.tgz#00"

      """, lines: [11, 5]),
  LockFileTests.Sample(
    name: "yarn, berry", file: "yarn.lock",
    text: """
      # This file is generated by running "yarn install" inside your project.
      # Manual changes might be lost - proceed with caution!

      __metadata:
        version: 8
        cacheKey: 10c0

      "@flowpanel/kit@npm:^0.3.0":
        version: 0.3.0
        resolution: "@flowpanel/kit@npm:0.3.0"
        checksum: 10c0/00
        languageName: node
        linkType: hard

      "ioredis@npm:^5.10.1, ioredis@npm:^5.11.1":
        version: 5.11.1
        resolution: "ioredis@npm:5.11.1"
        checksum: 10c0/00
        languageName: node
        linkType: hard

      "shop@workspace:.":
        version: 0.0.0-use.local
        resolution: "shop@workspace:."
        dependencies:
          ioredis: "npm:^5.10.1"
        languageName: unknown
        linkType: soft

      """, lines: [15, 8]),
  LockFileTests.Sample(
    name: "bun", file: "bun.lock",
    text: """
      {
        "lockfileVersion": 1,
        "workspaces": {
          "": {
            "name": "shop",
            "dependencies": {
              "ioredis": "^5.10.1",
            },
          },
        },
        "packages": {
          "@flowpanel/kit": ["@flowpanel/kit@0.3.0", "", { "peerDependencies": { "next": "^15.0.0" } }, "sha512-AA=="],

          "ioredis": ["ioredis@5.11.1", "", { "dependencies": { "debug": "^4.4.3" } }, "sha512-BB=="],
        }
      }

      """, lines: [14, 12]),
]
