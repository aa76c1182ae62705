// Specifiers and files that mean harm: an answer in bounded time and memory, and no question that a system must not be asked.
import Facts
import Testing

@testable import AdminConfig

/// A specifier under a name that can be shown in its place.
private struct HostileSpecifier: CustomTestStringConvertible {
  var testDescription: String
  var text: String
  var isPackage = false
}

@Suite struct HostileResolution {
  @Test(
    "Specifiers that no file can have lead nowhere, and none of them is asked for",
    arguments: [
      HostileSpecifier(testDescription: "a path with NUL", text: "./a\0b"),
      HostileSpecifier(testDescription: "an import with NUL", text: "#a\0b"),
      HostileSpecifier(testDescription: "an alias with NUL", text: "@/a\0", isPackage: true),
      HostileSpecifier(testDescription: "a package with NUL", text: "a\0/b", isPackage: true),
      HostileSpecifier(testDescription: "a long path", text: "./" + String(repeating: "a/", count: 1 << 19)),
      HostileSpecifier(testDescription: "a long import", text: "#" + String(repeating: "a", count: 1 << 20)),
      HostileSpecifier(testDescription: "a long way up", text: "/" + String(repeating: "../", count: 1 << 18)),
    ])
  private func impossible(_ specifier: HostileSpecifier) {
    let counted = CountedFiles([
      "tsconfig.json": #"{"compilerOptions":{"baseUrl":".","paths":{"@/*":["./*"],"*":["\u0000/*"]}}}"#,
      "package.json": ##"{"imports":{"#*":"./*/*/*/*/*"}}"##,
    ])
    var resolver = ModuleResolver(files: counted.content)
    let expected: Resolution = specifier.isPackage ? .package(specifier.text) : .missing(tried: [])
    let isExpected = resolver.resolve(specifier.text, from: "app/a.ts") == expected
    #expect(isExpected)
    let areHarmless = counted.counts.keys.allSatisfy { $0.utf8.count < 10_000 && !$0.utf8.contains(0) }
    #expect(areHarmless)
  }

  @Test("A NUL in an alias, a base folder or a package.json never reaches the system")
  func nulInFiles() {
    let counted = CountedFiles([
      "tsconfig.json": #"{"extends":["a\u0000b"],"compilerOptions":{"baseUrl":"c\u0000","paths":{"d":["\u0000"]}}}"#,
      "package.json": ##"{"main":"\u0000","imports":{"#d":"./\u0000"}}"##,
    ])
    var resolver = ModuleResolver(files: counted.content)
    #expect(resolver.resolve("d", from: "app/a.ts").shown == "missing")
    #expect(resolver.resolve("e", from: "app/a.ts").shown == "package e")
    #expect(resolver.resolve("#d", from: "app/a.ts").shown == "missing")
    #expect(resolver.resolve("..", from: "app/a.ts").shown == "missing")
    let areHarmless = counted.counts.keys.allSatisfy { !$0.utf8.contains(0) }
    #expect(areHarmless)
  }

  @Test("A long name stays a package, whatever matches it")
  func longName() {
    let name = String(repeating: "a", count: 1 << 20)
    let isPackage = ResolutionCase(name, in: ["tsconfig.json": "{}"], is: "").resolution == .package(name)
    #expect(isPackage)
  }

  @Test("A target with many * does not multiply a long specifier")
  func multiplication() {
    let stars = String(repeating: "*", count: 100_000)
    let files = [
      "package.json": ##"{"imports":{"#*":"./\##(stars)"}}"##,
      "tsconfig.json": #"{"compilerOptions":{"paths":{"@*":["\#(stars)"]}}}"#,
    ]
    let name = String(repeating: "b", count: 4000)
    #expect(ResolutionCase("#" + name, in: files, is: "").resolved == "missing")
    #expect(ResolutionCase("@" + name, in: files, is: "").resolved == "package @" + name)
  }

  @Test("Above the top there is only what the path itself leads to")
  func beyondTheTop() {
    let up = String(repeating: "../", count: 1000)
    let counted = CountedFiles([:])
    var resolver = ModuleResolver(files: counted.content)
    #expect(resolver.resolve(up + "b", from: "app/a.ts").shown == "missing")
    #expect(resolver.resolve("b", from: up + "a.ts") == .package("b"))
    #expect(resolver.resolve("#b", from: up + "a.ts").shown == "missing")
    #expect(ResolutionCase(up + "b", from: "/a/b.ts", among: ["/b.ts"], is: "").resolved == "file /b.ts")
    #expect(counted.counts.count < 100)
  }

  @Test("Configs that extend each other in a ring, in a long row or in ever more ways end")
  func extended() {
    var ring = ["tsconfig.json": #"{"extends":"./0"}"#]
    for index in 0..<20 { ring["\(index).json"] = #"{"extends":"./\#((index + 1) % 20)"}"# }
    #expect(ResolutionCase("b", in: ring, is: "").resolved == "package b")

    var row = ["tsconfig.json": #"{"extends":"./0"}"#]
    for index in 0..<10_000 { row["\(index).json"] = #"{"extends":"./\#(index + 1)"}"# }
    #expect(ResolutionCase("b", in: row, is: "").resolved == "failed 30.json:1:12")

    var ways = ["tsconfig.json": #"{"extends":"./0"}"#, "30.json": "{}"]
    for index in 0..<30 {
      let next = Array(repeating: "\"./\(index + 1)\"", count: 50).joined(separator: ",")
      ways["\(index).json"] = #"{"extends":[\#(next)]}"#
    }
    #expect(ResolutionCase("b", in: ways, is: "").resolved == "package b")
  }

  @Test("Many aliases are looked through in one pass, and one with too many places is refused")
  func manyAliases() {
    let paths = (0..<20_000).map { #""@\#($0)/*":["./\#($0)/*"],"e\#($0)":["./e"]"# }.joined(separator: ",")
    let counted = CountedFiles([
      "tsconfig.json": #"{"compilerOptions":{"paths":{\#(paths)}}}"#, "19999/b.ts": "", "e.ts": "",
    ])
    var resolver = ModuleResolver(files: counted.content)
    #expect(resolver.resolve("@19999/b", from: "a.ts") == .file("19999/b.ts"))
    #expect(resolver.resolve("e7", from: "a.ts") == .file("e.ts"))
    #expect(resolver.resolve("@20000/b", from: "a.ts") == .package("@20000/b"))
    #expect(counted.counts.count < 20)

    let places = Array(repeating: #""./*""#, count: 65).joined(separator: ",")
    let tooMany = ["tsconfig.json": #"{"compilerOptions":{"paths":{"@/*":[\#(places)]}}}"#]
    #expect(ResolutionCase("@/b", in: tooMany, is: "").resolved == "failed tsconfig.json:1:36")
  }

  @Test("Import targets that are many or deep are bounded")
  func importTargets() {
    let many = Array(repeating: #""./*.ts""#, count: 50_000).joined(separator: ",")
    let counted = CountedFiles(["package.json": ##"{"imports":{"#*":[\##(many)]}}"##])
    var resolver = ModuleResolver(files: counted.content)
    guard case .missing(let tried) = resolver.resolve("#b", from: "a.ts") else {
      Issue.record("there is no such file")
      return
    }
    #expect(tried.count <= ResolutionLimit.listedPaths)
    #expect(counted.counts.count < 30)

    let nested = String(repeating: #"{"node":"#, count: 500) + #""./b.ts""# + String(repeating: "}", count: 500)
    let files = ["package.json": ##"{"imports":{"#b":\##(nested)}}"##, "b.ts": ""]
    #expect(ResolutionCase("#b", in: files, is: "").resolved == "file b.ts")
  }

  @Test("Files that are deep, large or broken fail with their place")
  func brokenFiles() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(ResolutionCase("b", in: ["tsconfig.json": deep], is: "").resolved == "failed tsconfig.json:1:513")
    let large = "{" + String(repeating: " ", count: 1 << 20) + "}"
    #expect(ResolutionCase("b", in: ["tsconfig.json": large], is: "").resolved == "failed tsconfig.json")
    var unreadable = ModuleResolver(
      files: ConfigFiles { $0 == "tsconfig.json" ? .unreadable("permission denied") : .missing })
    #expect(
      unreadable.resolve("b", from: "a.ts")
        == .failed("it can't be read: permission denied", Location(file: "tsconfig.json")))
  }
}
