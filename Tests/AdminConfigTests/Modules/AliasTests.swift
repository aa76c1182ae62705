// The aliases of a tsconfig: paths, baseUrl, extends.
import Facts
import Testing

@testable import AdminConfig

private func tree(_ options: String, _ paths: String...) -> [String: String] {
  var files = ["tsconfig.json": #"{"compilerOptions":\#(options)}"#]
  for path in paths { files[path] = "" }
  return files
}

@Suite struct Aliases {
  @Test(
    "`paths` send a name to places, the longest text before the * first",
    arguments: [
      ResolutionCase("@/b", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#, "src/b.ts"), is: "file src/b.ts"),
      ResolutionCase("@/b?x", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#, "src/b.ts"), is: "file src/b.ts"),
      ResolutionCase("@/b.js", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#, "src/b.ts"), is: "file src/b.ts"),
      ResolutionCase("@/b", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#, "src/b/index.ts"), is: "file src/b/index.ts"),
      ResolutionCase("@/b", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#), is: "missing"),
      ResolutionCase("@b", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#, "src/b.ts"), is: "package @b"),
      ResolutionCase(
        "@/b", in: tree(#"{"paths":{"@/*":["./one/*","./two/*"]}}"#, "two/b.ts"), is: "file two/b.ts"),
      ResolutionCase(
        "@/x/b", in: tree(#"{"paths":{"@/*":["./one/*"],"@/x/*":["./two/*"]}}"#, "one/x/b.ts", "two/b.ts"),
        is: "file two/b.ts"),
      ResolutionCase(
        "@/x", in: tree(#"{"paths":{"@/*":["./one/*"],"@/x":["./two.ts"]}}"#, "one/x.ts", "two.ts"), is: "file two.ts"),
      ResolutionCase(
        "a-b-c", in: tree(#"{"paths":{"a-*-d":["./one"],"a-*-c":["./*"]}}"#, "one.ts", "b.ts"), is: "file b.ts"),
      ResolutionCase("aa", in: tree(#"{"paths":{"aa*aa":["./b.ts"]}}"#, "b.ts"), is: "package aa"),
      ResolutionCase("b", in: tree(#"{"paths":{"b":["/lib/b"]}}"#, "/lib/b.ts"), is: "file /lib/b.ts"),
      ResolutionCase("b", in: tree(#"{"paths":{"b":["../lib/b"]}}"#, "../lib/b.ts"), is: "file ../lib/b.ts"),
      ResolutionCase("#b", in: tree(##"{"paths":{"#*":["./*"]}}"##, "b.ts"), is: "file b.ts"),
      ResolutionCase("./b", in: tree(#"{"paths":{"*":["./src/*"]}}"#, "src/b.ts"), is: "missing"),
      ResolutionCase("fs", in: tree(#"{"paths":{"fs":["./b.ts"]}}"#, "b.ts"), is: "builtin fs"),
      ResolutionCase("zod", in: tree(#"{"paths":{"*":["./types/*"]}}"#), is: "package zod"),
      ResolutionCase("zod", in: tree(#"{"paths":{"zod":["./zod.d.ts"]}}"#, "zod.d.ts"), is: "package zod"),
      ResolutionCase(
        "zod", in: tree(#"{"paths":{"zod":["./node_modules/zod"]}}"#, "node_modules/zod/index.js"), is: "package zod"),
      ResolutionCase(
        "@acme/b", in: tree(#"{"paths":{"@acme/*":["./packages/*"]}}"#, "node_modules/@acme/b/index.js"),
        is: "package @acme/b"),
      ResolutionCase("@acme/b", in: tree(#"{"paths":{"@acme/*":["./packages/*"]}}"#), is: "missing"),
      ResolutionCase("b", in: tree(#"{"paths":{"b":"./b.ts","c":[1],"*/*":["./b.ts"]}}"#, "b.ts"), is: "package b"),
      ResolutionCase("b", in: tree(#"{"paths":[]}"#, "b.ts"), is: "package b"),
      ResolutionCase("b", in: tree(#"{"paths":{"b":["./*/*"]}}"#, "b.ts"), is: "package b"),
      ResolutionCase(
        "@/b", from: "node_modules/x/a.ts", in: tree(#"{"paths":{"@/*":["./src/*"]}}"#, "src/b.ts"),
        is: "package @/b"),
    ])
  func paths(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }

  @Test(
    "`baseUrl` is where `paths` begin, and bare names are looked for in it before the packages",
    arguments: [
      ResolutionCase(
        "@/b", in: tree(#"{"baseUrl":"src","paths":{"@/*":["lib/*"]}}"#, "src/lib/b.ts"), is: "file src/lib/b.ts"),
      ResolutionCase("lib/b", in: tree(#"{"baseUrl":"./src"}"#, "src/lib/b.ts"), is: "file src/lib/b.ts"),
      ResolutionCase("lib/c", in: tree(#"{"baseUrl":"./src"}"#, "src/lib/b.ts"), is: "package lib/c"),
      ResolutionCase("lib", in: tree(#"{"baseUrl":"."}"#, "lib/index.ts"), is: "file lib/index.ts"),
      ResolutionCase("url", in: tree(#"{"baseUrl":"."}"#, "url.ts"), is: "builtin url"),
      ResolutionCase("b", in: tree(#"{"baseUrl":".","paths":{"*":["types/*"]}}"#, "b.ts"), is: "file b.ts"),
      ResolutionCase(
        "b", in: tree(#"{"baseUrl":".","paths":{"*":["types/*"]}}"#, "types/b.ts", "b.ts"), is: "file types/b.ts"),
      ResolutionCase("b", in: tree(#"{"paths":{}}"#, "b.ts"), is: "package b"),
      ResolutionCase("b", in: tree(#"{"baseUrl":"${configDir}/src"}"#, "src/b.ts"), is: "file src/b.ts"),
    ])
  func baseURL(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }

  @Test(
    "The nearest tsconfig.json counts, or the nearest jsconfig.json",
    arguments: [
      ResolutionCase(
        "@/b", from: "web/app/a.ts",
        in: [
          "tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./*"]}}}"#, "b.ts": "", "web/b.ts": "",
          "web/tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./*"]}}}"#,
        ], is: "file web/b.ts"),
      ResolutionCase(
        "@/b", in: ["jsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./*"]}}}"#, "b.js": ""], is: "file b.js"),
      ResolutionCase(
        "@/b",
        in: ["tsconfig.json": "{}", "jsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./*"]}}}"#, "b.js": ""],
        is: "package @/b"),
      ResolutionCase(
        "@/b", in: ["../tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./*"]}}}"#, "../b.ts": ""],
        is: "package @/b"),
      ResolutionCase(
        "@/b", from: "../web/a.ts",
        in: ["../../tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./*"]}}}"#, "../../b.ts": ""],
        is: "file ../../b.ts"),
      ResolutionCase(
        "@/b", from: "/srv/web/a.ts",
        in: ["/tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["./srv/*"]}}}"#, "/srv/b.ts": ""],
        is: "file /srv/b.ts"),
      ResolutionCase("b", in: ["tsconfig.json": " \n"], is: "package b"),
      ResolutionCase(
        "@/b", in: ["tsconfig.json": "// Ours\n{\"compilerOptions\":{\"paths\":{\"@/*\":[\"./*\",],},},}", "b.ts": ""],
        is: "file b.ts"),
      ResolutionCase("b", in: ["tsconfig.json": "{\n  \"compilerOptions\": {\n"], is: "failed tsconfig.json:3:1"),
      ResolutionCase("b", in: ["tsconfig.json": "\n 1"], is: "failed tsconfig.json:2:2"),
      ResolutionCase("./b", in: ["tsconfig.json": "{", "app/b.ts": ""], is: "file app/b.ts"),
      ResolutionCase("fs", in: ["tsconfig.json": "{"], is: "builtin fs"),
    ])
  func nearest(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }
}

@Suite struct ExtendedConfigs {
  private static let base = #"{"compilerOptions":{"paths":{"@/*":["./src/*"]}}}"#

  @Test(
    "What a config extends counts where it says nothing itself, from the folder of the file that says it",
    arguments: [
      ResolutionCase(
        "@/b", in: ["tsconfig.json": #"{"extends":"./conf/base"}"#, "conf/base.json": base, "conf/src/b.ts": ""],
        is: "file conf/src/b.ts"),
      ResolutionCase(
        "@/b", in: ["tsconfig.json": #"{"extends":"./conf/base.json"}"#, "conf/base.json": base, "src/b.ts": ""],
        is: "missing"),
      ResolutionCase(
        "@/b", in: ["tsconfig.json": #"{"extends":"../base.json"}"#, "../base.json": base, "../src/b.ts": ""],
        is: "file ../src/b.ts"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":"./base.json","compilerOptions":{"paths":{"~/*":["./*"]}}}"#,
          "base.json": base, "src/b.ts": "",
        ], is: "package @/b"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":"./base.json","compilerOptions":{"paths":null}}"#, "base.json": base,
          "src/b.ts": "",
        ], is: "package @/b"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":"./conf/base","compilerOptions":{"baseUrl":"web"}}"#, "conf/base.json": base,
          "web/src/b.ts": "",
        ], is: "file web/src/b.ts"),
      ResolutionCase(
        "lib/b",
        in: [
          "tsconfig.json": #"{"extends":"./conf/base"}"#, "conf/base.json": #"{"compilerOptions":{"baseUrl":"."}}"#,
          "conf/lib/b.ts": "",
        ], is: "file conf/lib/b.ts"),
      ResolutionCase(
        "b",
        in: [
          "tsconfig.json": #"{"extends":["./one/base","./two/base"]}"#, "one/b.ts": "", "two/b.ts": "",
          "one/base.json": #"{"compilerOptions":{"baseUrl":"."}}"#,
          "two/base.json": #"{"compilerOptions":{"baseUrl":"."}}"#,
        ], is: "file two/b.ts"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":["./one/base","./two/base","./three/base"]}"#, "one/base.json": base,
          "two/base.json": base, "three/base.json": "{}", "one/src/b.ts": "", "two/src/b.ts": "",
        ], is: "file two/src/b.ts"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":"./conf/base"}"#, "src/b.ts": "", "conf/src/b.ts": "",
          "conf/base.json": #"{"compilerOptions":{"paths":{"@/*":["${configDir}/src/*"]}}}"#,
        ], is: "file src/b.ts"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":"@acme/conf/next"}"#, "node_modules/@acme/conf/next.json": base,
          "node_modules/@acme/conf/src/b.ts": "",
        ], is: "package @/b"),
      ResolutionCase(
        "@/b",
        in: [
          "web/tsconfig.json": #"{"extends":"conf"}"#, "node_modules/conf/package.json": #"{"tsconfig":"./base"}"#,
          "node_modules/conf/base.json": #"{"compilerOptions":{"paths":{"@/*":["${configDir}/*"]}}}"#, "web/b.ts": "",
        ], is: "package @/b"),
      ResolutionCase(
        "@/b", from: "web/a.ts",
        in: [
          "web/tsconfig.json": #"{"extends":"conf"}"#, "node_modules/conf/package.json": #"{"tsconfig":"./base"}"#,
          "node_modules/conf/base.json": #"{"compilerOptions":{"paths":{"@/*":["${configDir}/*"]}}}"#, "web/b.ts": "",
        ], is: "file web/b.ts"),
      ResolutionCase(
        "@/b", from: "web/a.ts",
        in: [
          "web/tsconfig.json": #"{"extends":"conf"}"#, "web/b.ts": "",
          "node_modules/conf/tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":["${configDir}/*"]}}}"#,
        ], is: "file web/b.ts"),
      ResolutionCase("b", in: ["tsconfig.json": #"{"extends":"@tsconfig/strictest"}"#], is: "package b"),
      ResolutionCase("b", in: ["tsconfig.json": #"{"extends":"./gone"}"#], is: "failed tsconfig.json:1:12"),
      ResolutionCase(
        "b", in: ["tsconfig.json": #"{"extends":"./conf/base"}"#, "conf/base.json": "{]"],
        is: "failed conf/base.json:1:2"),
      ResolutionCase(
        "@/b",
        in: [
          "tsconfig.json": #"{"extends":"./two.json"}"#, "src/b.ts": "",
          "two.json": #"{"extends":["./tsconfig.json","./two.json","./base.json"]}"#, "base.json": base,
        ], is: "file src/b.ts"),
      ResolutionCase("b", in: ["tsconfig.json": #"{"extends":["",1,null]}"#], is: "package b"),
    ])
  func extended(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }
}
