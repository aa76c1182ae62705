// Plain JavaScript has one right answer, and node gives it: hundreds of generated modules, evaluated here and there.
import AdminConfig
import Facts
import Foundation
import Testing

private let moduleCount = 600
private let environment = [
  "NODE_ENV": "production", "REDIS_URL": "redis://cache:6379/2", "PORT": "6379", "FLAG": "true", "EMPTY": "",
]
/// Evaluates the modules in the file it is given, each with an environment of its own, and prints what each one's `url`
/// came out as.
private let runner = """
  const { modules, environment } = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
  const results = modules.map((text) => {
    const module = { exports: {} };
    try {
      new Function("module", "exports", "process", text)(module, module.exports, { env: { ...environment } });
      return String(module.exports.realtime.url);
    } catch (error) {
      return `throws ${error.message}`;
    }
  });
  process.stdout.write(JSON.stringify(results));
  """

@Suite struct NodeComparison {
  @Test(
    "A module of plain JavaScript gives what node gives for it, or is unknown", .enabled(if: NodeProcess.isInstalled))
  func sameAsNode() throws {
    let modules = (0..<moduleCount).map { seed in
      var generator = ModuleGenerator(seed: UInt64(seed))
      return generator.module()
    }
    let theirs = try nodeResults(modules)
    #expect(theirs.count == modules.count)
    var unknown = 0
    for (seed, (text, expected)) in zip(modules, theirs).enumerated() {
      let found = try ourResult(text)
      if found == "unknown" {
        unknown += 1
      } else {
        #expect(isSame(found, expected), "seed \(seed): node gives \(expected), we give \(found)\n\(text)")
      }
    }
    #expect(unknown * 20 < modules.count, "\(unknown) of \(modules.count) are unknown")
    // Modules that only throw would compare nothing.
    #expect(theirs.count { $0.hasPrefix("throws ") } * 20 < modules.count)
  }

  @Test("The same seed writes the same module, another seed another one")
  func isDeterministic() {
    func module(_ seed: UInt64) -> String {
      var generator = ModuleGenerator(seed: seed)
      return generator.module()
    }
    #expect(module(7) == module(7))
    #expect(Set((0..<100).map(module)).count == 100)
  }
}

/// The error's own words may differ: that it is thrown is what counts.
private func isSame(_ found: String, _ expected: String) -> Bool {
  found == expected || found.hasPrefix("throws ") && expected.hasPrefix("throws ")
}

private func ourResult(_ text: String) throws -> String {
  let path = "flowpanel.config.cjs"
  let module = try ConfigModule(entry: path, files: configFiles([path: Array(text.utf8)]))
  return module.realtime(under: .known(environment.mapValues { Secret($0) })).urlText
}

private func nodeResults(_ modules: [String]) throws -> [String] {
  struct Input: Encodable {
    var modules: [String]
    var environment: [String: String]
  }
  let folder = FileManager.default.temporaryDirectory.appending(path: "node-comparison-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let input = folder.appending(path: "input.json"), script = folder.appending(path: "runner.cjs")
  let output = folder.appending(path: "output.json")
  try JSONEncoder().encode(Input(modules: modules, environment: environment)).write(to: input)
  try Data(runner.utf8).write(to: script)
  try Data().write(to: output)

  let process = Process()
  process.executableURL = URL(filePath: NodeProcess.path)
  process.arguments = [script.path, input.path]
  // A file, as a pipe that nobody empties would stop node once it is full.
  process.standardOutput = try FileHandle(forWritingTo: output)
  try process.run()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0)
  return try JSONDecoder().decode([String].self, from: Data(contentsOf: output))
}
