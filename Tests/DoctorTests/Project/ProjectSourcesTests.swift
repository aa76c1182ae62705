// What sources are looked at, where the stream's route is found, and who publishes.

import Facts
import Foundation
import Testing

@testable import Doctor

@Suite struct ProjectSourcesTests {
  private static let route = """
    import { stream } from "@flowpanel/kit/next";
    import config from "@/flowpanel.config";

    export const GET = stream(config);
    export const runtime = "nodejs";
    export const dynamic = "force-dynamic";

    """

  @Test(
    "the route is found where Next.js looks for it",
    arguments: [
      "app/api/flowpanel/stream/route.ts", "src/app/api/flowpanel/stream/route.js",
      "app/(admin)/api/flowpanel/stream/route.tsx", "app/events/route.mjs",
    ])
  func route(_ file: String) throws {
    let project = try TemporaryProject(["package.json": "{}", file: Self.route])
    let route = try #require(project.facts()?.streamRoute.value)
    #expect(route.path == project.path(file))
    guard case .text("nodejs", let place) = route.runtime, case .text("force-dynamic", _) = route.dynamic else {
      Issue.record("\(route)")
      return
    }
    #expect(place.file == project.path(file) && place.line == 5)
  }

  @Test func `a route of another address does not win over the one that browsers open`() throws {
    let project = try TemporaryProject([
      "package.json": "{}", "app/aaa/route.ts": Self.route, "app/api/flowpanel/stream/route.ts": Self.route,
      "app/zzz/route.ts": Self.route,
    ])
    #expect(project.facts()?.streamRoute.value?.path == project.path("app/api/flowpanel/stream/route.ts"))
  }

  @Test func `settings that are missing or computed say so`() throws {
    let text = "export { GET } from \"@/lib/stream\";\nexport const runtime = pick();\n"
    let project = try TemporaryProject(["package.json": "{}", "app/api/flowpanel/stream/route.ts": text])
    let route = try #require(project.facts()?.streamRoute.value)
    guard case .notFollowed(let place) = route.runtime else {
      Issue.record("\(route)")
      return
    }
    #expect(place.line == 2)
    #expect(route.dynamic == .absent)
  }

  @Test(
    "what is no route of the app folder is not taken for one",
    arguments: [
      "app/api/flowpanel/stream.ts", "lib/app/api/flowpanel/stream/route.ts", "node_modules/x/app/e/route.ts",
      ".next/app/api/flowpanel/stream/route.js", "app/api/flowpanel/stream/route.test.ts",
    ])
  func elsewhere(_ file: String) throws {
    let project = try TemporaryProject(["package.json": "{}", "app/page.tsx": "", file: Self.route])
    let unseen = project.facts()?.streamRoute.unseen
    #expect(unseen?.kind == .missing)
    #expect(unseen?.detail.contains("app/api/flowpanel/stream/route.") == true)
  }

  @Test func `imports that publish have their place, and what their file does about it`() throws {
    let publishing = "import { publishResource } from \"@flowpanel/kit/server\";\npublishResource(\"orders\");\n"
    let bound = "import { bindPublisher, publish as send } from \"@flowpanel/kit/server\";\nbindPublisher(config);\n"
    let project = try TemporaryProject([
      "package.json": plainPackage, "app/hook/route.ts": publishing, "src/cron.ts": bound, "src/worker.ts": publishing,
      "src/worker.test.ts": publishing, "src/other.ts": "import { publish } from \"mqtt\"; // flowpanel\n",
    ])
    let facts = try #require(project.facts())
    #expect(
      facts.publishImports.map { [$0.location.file, $0.module, $0.name] } == [
        [project.path("app/hook/route.ts"), "@flowpanel/kit/server", "publishResource"],
        [project.path("src/cron.ts"), "@flowpanel/kit/server", "publish"],
        [project.path("src/worker.ts"), "@flowpanel/kit/server", "publishResource"],
      ])
    #expect(facts.publishImports.map(\.isBoundInFile) == [false, true, false])
    #expect(facts.publishImports.map(\.isInApplication) == [true, false, false])
    #expect(facts.publishImports.map(\.script) == [nil, nil, "worker"])
    #expect(facts.binders == [project.path("src/cron.ts")])
    #expect(facts.search.isComplete && facts.search.files == 5)
  }

  @Test func `a search that stays within its bounds says that it is not whole`() throws {
    let project = try TemporaryProject(["package.json": "{}", "a.ts": "1", "b/c.ts": "22", "b/d/e.ts": "333"])
    func sources(_ bounds: ProjectSources.Bounds = .init(), _ tree: SourceTree.Bounds = .init()) -> SourceSearch {
      ProjectSources(in: project.folder, scripts: nil, within: bounds, tree: tree).search
    }
    #expect(sources() == SourceSearch(files: 3))
    #expect(sources(.init(), .init(files: 3)) == SourceSearch(files: 3))
    #expect(sources(.init(), .init(files: 2)).shortfall?.contains("more than 2 source files") == true)
    #expect(sources(.init(), .init(entries: 2)).shortfall?.contains("files and folders") == true)
    #expect(sources(.init(), .init(depth: 1)).shortfall?.contains("deeper than 1 levels") == true)
    #expect(sources(.init(file: 2)).shortfall?.contains("b/d/e.ts can't be read") == true)
    #expect(sources(.init(file: 2)).files == 2)
    #expect(sources(.init(total: 3)).shortfall?.contains("more than 3 bytes together") == true)
  }

  @Test func `a route that is not found in part of a project may still be there`() throws {
    let project = try TemporaryProject(["package.json": "{}"])
    try project.write([UInt8](repeating: 0x20, count: 1024 * 1024 + 1), to: "src/large.ts")
    let facts = try #require(project.facts())
    #expect(facts.search.shortfall?.contains("src/large.ts can't be read") == true)
    #expect(facts.streamRoute.unseen?.kind == .notAttempted)
  }

  @Test func `symbolic links and devices are not followed`() throws {
    let outside = try TemporaryProject(["route.ts": Self.route])
    let project = try TemporaryProject(["package.json": "{}", "src/a.ts": ""])
    let files = FileManager.default
    try files.createSymbolicLink(atPath: project.path("app"), withDestinationPath: outside.folder)
    try files.createSymbolicLink(atPath: project.path("src/loop"), withDestinationPath: project.folder)
    try files.createSymbolicLink(atPath: project.path("src/zero.ts"), withDestinationPath: "/dev/zero")
    #expect(mkfifo(project.path("src/pipe.ts"), 0o600) == 0)
    let facts = try #require(project.facts())
    #expect(facts.search == SourceSearch(files: 1))
    #expect(facts.streamRoute.unseen?.kind == .notAttempted)
    #expect(facts.streamRoute.unseen?.detail.contains("app is a symbolic link") == true)
  }

  @Test func `a package without an app folder is not the application`() throws {
    let project = try TemporaryProject(["package.json": "{}", "src/a.ts": ""])
    #expect(project.facts()?.streamRoute.unseen?.kind == .notGiven)
  }
}
