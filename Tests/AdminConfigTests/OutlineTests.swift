// What a module's text says without evaluating it: imports, exported constants and calls.
import AdminConfig
import Facts
import Testing

@Suite struct Outlines {
  @Test("Imports, exported constants and calls are listed, those of types are not")
  func outline() throws {
    let source = """
      import { stream, type Options } from "@flowpanel/next";
      import type { Session } from "next-auth";
      import config, * as all from "../config";
      export const runtime = "nodejs", dynamic: string = `force-dynamic`;
      export const revalidate = 0;
      export const GET = stream(config);
      export { POST } from "./post";
      export async function PUT() { bindPublisher(all); return this.notListed(); }
      """
    let outline = try ModuleOutline(source: Array(source.utf8), path: "route.ts")
    #expect(
      outline.imports.map { "\($0.module) \($0.name) \($0.local) \($0.location.line ?? 0)" } == [
        "@flowpanel/next stream stream 1", "../config default config 3", "../config * all 3",
      ])
    #expect(outline.exports["runtime"]?.text == "nodejs")
    #expect(outline.exports["runtime"]?.location == Location(file: "route.ts", line: 4, column: 24))
    #expect(outline.exports["dynamic"]?.text == "force-dynamic")
    #expect(outline.exports["GET"]?.text == nil)
    #expect(Set(outline.exports.keys) == ["runtime", "dynamic", "revalidate", "GET", "POST", "PUT"])
    #expect(outline.callees == ["stream", "bindPublisher"])
  }

  @Test("Text without structure is an error with its place")
  func broken() {
    #expect(throws: ConfigError.self) { try ModuleOutline(source: Array("export const a = (".utf8), path: "a.ts") }
  }
}
