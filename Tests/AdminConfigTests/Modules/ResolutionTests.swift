// Where imports lead: paths, aliases of a tsconfig, imports of a package.json, packages and built-in modules.
import Facts
import Testing

@testable import AdminConfig

@Suite struct PathSpecifiers {
  @Test(
    "A path leads to a file, with or without extension, or to a folder's index",
    arguments: [
      ResolutionCase("./b", among: ["app/b.ts"], is: "file app/b.ts"),
      ResolutionCase("./b", among: ["app/b.json"], is: "file app/b.json"),
      ResolutionCase("./b", among: ["app/b.js", "app/b.tsx"], is: "file app/b.tsx"),
      ResolutionCase("./b", among: ["app/b.cjs", "app/b.mjs"], is: "file app/b.mjs"),
      ResolutionCase("./b", among: ["app/b", "app/b.ts"], is: "file app/b"),
      ResolutionCase("./b", among: ["app/b/index.ts", "app/b.ts"], is: "file app/b.ts"),
      ResolutionCase("./b/", among: ["app/b/index.ts", "app/b.ts"], is: "file app/b/index.ts"),
      ResolutionCase("./b", among: ["app/b/index.js", "app/b/index.ts"], is: "file app/b/index.ts"),
      ResolutionCase("./b", among: ["b.ts", "app/c.ts"], is: "missing"),
      ResolutionCase("./b", among: ["app/b/c.ts"], is: "missing"),
      ResolutionCase("./b.config", among: ["app/b.config.ts"], is: "file app/b.config.ts"),
      ResolutionCase("./b.ts", among: ["app/b.ts"], is: "file app/b.ts"),
      ResolutionCase("./b.ts", among: ["app/b.js"], is: "missing"),
      ResolutionCase("./b.css", among: ["app/b.css"], is: "file app/b.css"),
      ResolutionCase("./b?raw", among: ["app/b.ts"], is: "file app/b.ts"),
      ResolutionCase("../b", among: ["b.ts"], is: "file b.ts"),
      ResolutionCase("../b", from: "a/b/c.ts", among: ["a/b.ts"], is: "file a/b.ts"),
      ResolutionCase("./../b", from: "./app/a.ts", among: ["b.ts"], is: "file b.ts"),
      ResolutionCase("../../b", among: ["../b.ts"], is: "file ../b.ts"),
      ResolutionCase("./b", from: "../app/a.ts", among: ["../app/b.ts"], is: "file ../app/b.ts"),
      ResolutionCase("./b", from: "/app/a.ts", among: ["/app/b.ts"], is: "file /app/b.ts"),
      ResolutionCase("/lib/b", among: ["/lib/b.ts"], is: "file /lib/b.ts"),
      ResolutionCase("../../../b", from: "/app/a.ts", among: ["/b.ts"], is: "file /b.ts"),
      ResolutionCase(".", among: ["app/index.ts", "app.ts"], is: "file app/index.ts"),
      ResolutionCase("..", among: ["index.ts"], is: "file index.ts"),
      ResolutionCase("./", from: "a.ts", among: ["index.mts"], is: "file index.mts"),
      ResolutionCase("../..", among: ["../index.ts"], is: "file ../index.ts"),
      ResolutionCase("./b/.", among: ["app/b.ts"], is: "missing"),
      ResolutionCase("", among: ["app/index.ts"], is: "missing"),
    ])
  func paths(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }

  @Test(
    "An extension that a compiler writes means the source, if there is one",
    arguments: [
      ResolutionCase("./b.js", among: ["app/b.js"], is: "file app/b.js"),
      ResolutionCase("./b.js", among: ["app/b.js", "app/b.ts"], is: "file app/b.ts"),
      ResolutionCase("./b.js", among: ["app/b.tsx"], is: "file app/b.tsx"),
      ResolutionCase("./b.js", among: ["app/b.js.ts"], is: "file app/b.js.ts"),
      ResolutionCase("./b.jsx", among: ["app/b.tsx"], is: "file app/b.tsx"),
      ResolutionCase("./b.mjs", among: ["app/b.mts", "app/b.mjs"], is: "file app/b.mts"),
      ResolutionCase("./b.mjs", among: ["app/b.ts"], is: "missing"),
      ResolutionCase("./b.cjs", among: ["app/b.cts"], is: "file app/b.cts"),
    ])
  func writtenExtensions(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }

  @Test(
    "A folder's package.json names its module, and its index stands in",
    arguments: [
      ResolutionCase(
        "./b", in: ["app/b/package.json": #"{"main":"lib/c.js"}"#, "app/b/lib/c.ts": "", "app/b/index.ts": ""],
        is: "file app/b/lib/c.ts"),
      ResolutionCase(
        "./b", in: ["app/b/package.json": #"{"module":"./c","main":"./d"}"#, "app/b/c.mjs": "", "app/b/d.cjs": ""],
        is: "file app/b/d.cjs"),
      ResolutionCase(
        "./b", in: ["app/b/package.json": #"{"module":"c.mjs"}"#, "app/b/c.mjs": ""], is: "file app/b/c.mjs"),
      ResolutionCase(
        "./b", in: ["app/b/package.json": #"{"main":"lib"}"#, "app/b/lib/index.js": ""],
        is: "file app/b/lib/index.js"),
      ResolutionCase(
        "./b",
        in: ["app/b/package.json": #"{"main":"gone.js","types":"c.ts"}"#, "app/b/c.ts": "", "app/b/index.js": ""],
        is: "file app/b/index.js"),
      ResolutionCase(
        "./b", in: ["app/b/package.json": #"{"main":"."}"#, "app/b/index.js": ""], is: "file app/b/index.js"),
      ResolutionCase("./b", in: ["app/b/package.json": #"{"main":1,}"#], is: "failed app/b/package.json:1:11"),
    ])
  func folders(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }

  @Test("What is missing says where it was looked for, and what can't be read is left to its reader")
  func tried() {
    let missing = ResolutionCase("./b.mjs", among: ["app/a.ts"], is: "missing").resolution
    let paths =
      ["app/b.mts", "app/b.mjs"]
      + [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".json"].map { "app/b.mjs\($0)" }
    #expect(missing == .missing(tried: paths))
    var resolver = ModuleResolver(files: ConfigFiles { $0 == "b.ts" ? .unreadable("permission denied") : .missing })
    #expect(resolver.resolve("./b", from: "a.ts") == .file("b.ts"))
  }

  @Test("No path is asked for twice, and paths that only look alike are kept apart")
  func cache() {
    let counted = CountedFiles([
      "tsconfig.json": #"{"extends":"./base","compilerOptions":{"paths":{"@/*":["./*"]}}}"#, "base.json": "{}",
      "package.json": ##"{"imports":{"#b":"./app/b.ts"}}"##, "app/b.ts": "", "app/c/index.ts": "",
    ])
    var resolver = ModuleResolver(files: counted.content)
    for _ in 0..<3 {
      for specifier in ["@/app/b", "@/app/c", "#b", "zod", "./b", "./c", "@/gone"] {
        for importer in ["app/a.ts", "app/deep/a.ts", "a.ts"] { _ = resolver.resolve(specifier, from: importer) }
      }
    }
    #expect(counted.counts.filter { $0.value > 1 } == [:])
    #expect(counted.counts["tsconfig.json"] == 1)

    let asked = ConfigFiles { Array($0.utf8) == Array("\u{E9}.ts".utf8) ? .file([]) : .missing }
    var exact = ModuleResolver(files: asked)
    #expect(exact.resolve("./e\u{301}.ts", from: "a.ts") != .file("\u{E9}.ts"))
    #expect(exact.resolve("./\u{E9}.ts", from: "a.ts") == .file("\u{E9}.ts"))
  }
}

@Suite struct BareSpecifiers {
  @Test(
    "A name that is no alias is a package or a built-in module",
    arguments: [
      ("flowpanel", "package flowpanel"), ("@flowpanel/kit/redis", "package @flowpanel/kit/redis"),
      ("fs", "builtin fs"), ("node:fs", "builtin fs"), ("node:fs/promises", "builtin fs/promises"),
      ("process", "builtin process"), ("node:test", "builtin test"), ("test", "package test"),
      ("node:nothing", "package node:nothing"), ("fs/", "package fs/"), ("fs-extra", "package fs-extra"),
      ("https://example.com/a.ts", "package https://example.com/a.ts"),
      ("data:text/javascript,1", "package data:text/javascript,1"),
      (".hidden", "package .hidden"), ("...", "package ..."),
    ])
  func packages(_ specifier: String, _ expected: String) {
    for files in [[:], ["tsconfig.json": #"{"compilerOptions":{"baseUrl":".","paths":{"@/*":["src/*"]}}}"#]] {
      #expect(ResolutionCase(specifier, in: files, is: expected).resolved == expected)
    }
  }

  @Test(
    "The nearest file of several names is found upward, as far as the path goes",
    arguments: [
      ("a/b/c.ts", ["package.json", "a/package.json"], "a/package.json"),
      ("a/b/c.ts", ["package.json"], "package.json"),
      ("c.ts", ["../package.json"], nil),
      ("../a/c.ts", ["../../package.json"], "../../package.json"),
      ("/a/b/c.ts", ["/package.json"], "/package.json"),
      ("/a/c.ts", ["/a/other.json", "/a/package.json"], "/a/package.json"),
      ("a/c.ts", ["a/other.json", "package.json"], "a/other.json"),
      ("a/c.ts", ["a/package.json/x", "package.json"], "package.json"),
    ])
  func nearest(_ path: String, _ files: [String], _ expected: String?) {
    let files = tree(Dictionary(uniqueKeysWithValues: files.map { ($0, "") }))
    #expect(nearestFile(named: ["package.json", "other.json"], from: path, files: files) == expected)
  }
}

@Suite struct PackageImports {
  private static func tree(_ imports: String, _ paths: String...) -> [String: String] {
    var files = ["package.json": #"{"name":"panel","imports":\#(imports)}"#]
    for path in paths { files[path] = "" }
    return files
  }

  @Test(
    "The imports of the nearest package.json say what # stands for",
    arguments: [
      ResolutionCase("#b", in: tree(##"{"#b":"./lib/b.js"}"##, "lib/b.ts"), is: "file lib/b.ts"),
      ResolutionCase("#b", in: tree(##"{"#b":"./gone.js"}"##), is: "missing"),
      ResolutionCase("#c", in: tree(##"{"#b":"./b.ts"}"##, "b.ts"), is: "missing"),
      ResolutionCase("#b", among: ["b.ts"], is: "missing"),
      ResolutionCase("#l/b/c", in: tree(##"{"#l/*":"./lib/*.ts"}"##, "lib/b/c.ts"), is: "file lib/b/c.ts"),
      ResolutionCase("#l/b.js", in: tree(##"{"#l/*.js":"./lib/*.ts"}"##, "lib/b.ts"), is: "file lib/b.ts"),
      ResolutionCase("#l/b", in: tree(##"{"#l/*":"./lib/*/*.ts"}"##, "lib/b/b.ts"), is: "file lib/b/b.ts"),
      ResolutionCase("#l/b/", in: tree(##"{"#l/*":"./lib/*"}"##, "lib/b/index.ts"), is: "missing"),
      ResolutionCase("#l/../b", in: tree(##"{"#l/*":"./lib.ts"}"##, "lib.ts"), is: "missing"),
      ResolutionCase(
        "#l/x/b", in: tree(##"{"#l/*":"./one/*.ts","#l/x/*":"./two/*.ts"}"##, "one/x/b.ts", "two/b.ts"),
        is: "file two/b.ts"),
      ResolutionCase(
        "#l/b", in: tree(##"{"#l/*":"./one/*.ts","#l/b":"./two.ts"}"##, "one/b.ts", "two.ts"), is: "file two.ts"),
      ResolutionCase("#l/b", in: tree(##"{"#l/*":"./one/*.ts","#l/b":null}"##, "one/b.ts"), is: "missing"),
      ResolutionCase(
        "#b", in: tree(##"{"#b":{"browser":"./c.ts","node":{"import":"./d.ts"},"default":"./e.ts"}}"##, "d.ts"),
        is: "file d.ts"),
      ResolutionCase(
        "#b", in: tree(##"{"#b":{"node":{"deno":"./c.ts"},"default":"./e.ts"}}"##, "c.ts", "e.ts"), is: "file e.ts"),
      ResolutionCase(
        "#b", in: tree(##"{"#b":{"default":"./c.ts","node":"./d.ts"}}"##, "c.ts", "d.ts"), is: "file c.ts"),
      ResolutionCase("#b", in: tree(##"{"#b":{"node":null,"default":"./e.ts"}}"##, "e.ts"), is: "missing"),
      ResolutionCase("#b", in: tree(##"{"#b":["../x.ts",{"deno":"./y.ts"},"./e.ts"]}"##, "e.ts"), is: "file e.ts"),
      ResolutionCase("#b", in: tree(##"{"#b":{"node":"redis","default":"./e.ts"}}"##, "e.ts"), is: "package redis"),
      ResolutionCase("#b", in: tree(##"{"#b":"node:process"}"##), is: "builtin process"),
      ResolutionCase("#l/b", in: tree(##"{"#l/*":"@acme/*"}"##), is: "package @acme/b"),
      ResolutionCase("#b", in: tree(##"{"#b":"../b.ts"}"##, "../b.ts"), is: "missing"),
      ResolutionCase("#l/../b", in: tree(##"{"#l/*":"./l/*.ts"}"##, "b.ts"), is: "missing"),
      ResolutionCase("#b", in: tree(##"{"#b":"./node_modules/b/c.js"}"##, "node_modules/b/c.js"), is: "missing"),
      ResolutionCase("#b", in: tree("[]"), is: "missing"),
      ResolutionCase("#b", in: tree(##"{"#b":{"node":1,"default":"./e.ts"}}"##, "e.ts"), is: "missing"),
      ResolutionCase("#b", in: ["package.json": "{\n \"imports\": }"], is: "failed package.json:2:13"),
      ResolutionCase("#b", in: ["package.json": "[]"], is: "failed package.json:1:1"),
      ResolutionCase(
        "#b", in: ["app/package.json": "{}", "package.json": ##"{"imports":{"#b":"./b.ts"}}"##, "b.ts": ""],
        is: "missing"),
      ResolutionCase(
        "#b", in: ["package.json": "\u{FEFF}" + ##"{"imports":{"#b":"./b.ts"}}"##, "b.ts": ""], is: "file b.ts"),
      ResolutionCase("panel/b", in: tree("{}", "b.ts"), is: "package panel/b"),
    ])
  func imports(_ example: ResolutionCase) {
    #expect(example.resolved == example.expected)
  }
}
