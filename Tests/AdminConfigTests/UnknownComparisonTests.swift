// What is shown as known holds whatever a package does that is not followed: generated modules, run in node beside many
// versions of that package.
import AdminConfig
import Facts
import Foundation
import Testing

private let moduleCount = 200
private let node = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/node" }
  .first { FileManager.default.isExecutableFile(atPath: $0) }

/// Runs each module beside each version of the package, and prints what each variable came to: nothing where the module
/// throws.
private let runner = """
  process.on("unhandledRejection", () => {});
  const { modules, outputs, versions } = JSON.parse(require("fs").readFileSync(process.argv[2], "utf8"));
  function packageOf(version) {
    let state = version * 7919 + 1;
    const next = () => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 4294967296;
    const values = [() => true, () => false, () => 0, () => 1, () => "", () => "x", () => null, () => undefined,
      () => ({ x: 1 }), () => [1, 2], () => f, () => "y", () => 2, () => ["x", { x: 9 }]];
    const fixed = [0, 1, 2].map(() => Math.floor(next() * values.length));
    const isFixed = version % 2 === 0, throwing = [0, 0.05, 0.2, 0, 0.5][version % 5];
    const isChanging = version % 3 !== 0, isKeeping = version % 4 > 1;
    const kept = [];
    let depth = 0, calls = 0;
    const value = () => values[Math.floor(next() * values.length)]();
    const give = (index) => isFixed ? values[fixed[index]]() : value();
    function change(thing) {
      if (thing === null || typeof thing !== "object") return;
      try {
        const inner = Object.values(thing)[0];
        if (next() < 0.3 && inner !== null && typeof inner === "object") return change(inner);
        switch (Math.floor(next() * 6)) {
          case 0: thing.x = 77; break;
          case 1: delete thing.x; break;
          case 2: if (Array.isArray(thing)) thing.push(78); else thing.w = 79; break;
          case 3: thing.clear?.(); thing.set?.(1); break;
          case 4: thing.y; thing.z = 80; break;
          case 5: if (Array.isArray(thing)) thing.length = 0; else thing.inner = { x: 81 }; break;
        }
      } catch {}
    }
    function f(...given) {
      if (++calls > 60) throw new Error("too many calls");
      if (depth > 2) return;
      depth++;
      try {
        let last = given[0];
        for (const thing of isKeeping ? [...given, ...kept] : given) {
          if (isChanging && next() < 0.6) change(thing);
          if (typeof thing === "function" && thing !== f) {
            for (let round = Math.floor(next() * 3); round > 0; round--) {
              try { last = thing(value(), value()); } catch (error) { if (next() < 0.5) throw error; }
              if (isChanging) change(last);
            }
          }
        }
        if (isKeeping) kept.push(...given);
        if (next() < throwing) throw new Error("thrown");
        if (new.target && next() < 0.5) return { x: 3 };
        return next() < 0.4 ? last : value();
      } finally { depth--; }
    }
    const pick = (...given) => f(...given);
    Object.defineProperty(pick, "c", { get: () => give(2) });
    return { f, F: f, pick, get a() { return give(0); }, get b() { return give(1); } };
  }
  const AsyncFunction = (async () => {}).constructor;
  async function run(module, version) {
    const tail = "return [" + outputs.map((name) => `String(JSON.stringify(${name}))`).join(",") + "]";
    try {
      const flags = packageOf(version);
      const make = module.isAsync ? AsyncFunction : Function;
      return await new make("flags", "pick", module.body + "\\n" + tail)(flags, flags.pick);
    } catch (error) {
      return error instanceof SyntaxError ? ["syntax " + error.message] : [];
    }
  }
  (async () => {
    const results = [];
    for (const module of modules) {
      const all = [];
      for (let version = 0; version < versions; version++) all.push(await run(module, version));
      results.push(all);
    }
    require("fs").writeFileSync(process.argv[3], JSON.stringify(results));
    process.exit(0);
  })();
  """

@Suite struct UnknownComparison {
  @Test("What is known is so whatever an unknown package does", .enabled(if: node != nil))
  func holdsForEveryVersion() throws {
    let modules = (0..<moduleCount).map { seed in
      var generator = UnknownModuleGenerator(seed: UInt64(seed))
      return generator.module()
    }
    let outputs = UnknownModuleGenerator.outputs
    let theirs = try nodeResults(modules, outputs, versions: 24)
    try #require(theirs.count == modules.count)
    var known = 0
    var compared = 0
    for (seed, (module, versions)) in zip(modules, theirs).enumerated() {
      let completed = versions.filter { $0.count == outputs.count }
      #expect(
        !versions.contains { $0.first?.hasPrefix("syntax ") == true }, "seed \(seed): \(versions)\n\(module.body)")
      if completed.isEmpty { continue }
      for (position, found) in try ourResults(module, outputs).enumerated() {
        compared += 1
        guard let found else { continue }
        known += 1
        let other = completed.first { $0[position] != found }
        #expect(
          other == nil,
          """
          seed \(seed): \(outputs[position]) is \(found), and may be \(other?[position] ?? "")
          \(module.isAsync ? "async" : "")
          \(module.body)
          """)
      }
    }
    #expect(known * 4 > compared, "only \(known) of \(compared) are known")
  }
}

/// What each variable is, nil where it is unknown; a config that fails is a text that no version gives.
private func ourResults(
  _ module: (body: String, isAsync: Bool), _ outputs: [String]
) throws -> [String?] {
  let path = "flowpanel.config.cjs"
  var results: [String?] = []
  for start in stride(from: 0, to: outputs.count, by: 3) {
    let shown = outputs[start..<min(start + 3, outputs.count)]
    let members = zip(["driver", "url", "keyPrefix"], shown).map { "\($0): String(JSON.stringify(\($1)))" }
    let config = "{ realtime: { \(members.joined(separator: ", ")) } }"
    let body =
      "const flags = require(\"flags\"), pick = flags.pick;\n"
      + (module.isAsync
        ? "async function main() {\n\(module.body)\nreturn \(config);\n}\nmodule.exports = main();\n"
        : "\(module.body)\nmodule.exports = \(config);\n")
    let settings = try settings(body, path: path)
    if let failure = settings.failure {
      results += [String?](repeating: "a failure: \(failure.message)", count: shown.count)
      continue
    }
    var url: String?
    if case .known(let secret) = settings.url.outcome { url = secret?.reveal() }
    let found: [String?] = [settings.driver.value, url, settings.keyPrefix.value ?? nil]
    results += found.prefix(shown.count)
  }
  return results
}

private func nodeResults(
  _ modules: [(body: String, isAsync: Bool)], _ outputs: [String], versions: Int
) throws -> [[[String]]] {
  struct Module: Encodable {
    var body: String
    var isAsync: Bool
  }
  struct Input: Encodable {
    var modules: [Module]
    var outputs: [String]
    var versions: Int
  }
  let folder = FileManager.default.temporaryDirectory.appending(path: "unknown-comparison-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let input = folder.appending(path: "input.json"), script = folder.appending(path: "runner.cjs")
  let output = folder.appending(path: "output.json")
  let given = Input(
    modules: modules.map { Module(body: $0.body, isAsync: $0.isAsync) }, outputs: outputs, versions: versions)
  try JSONEncoder().encode(given).write(to: input)
  try Data(runner.utf8).write(to: script)

  let process = Process()
  process.executableURL = URL(filePath: try #require(node))
  process.arguments = [script.path, input.path, output.path]
  try process.run()
  process.waitUntilExit()
  try #require(process.terminationStatus == 0)
  return try JSONDecoder().decode([[[String]]].self, from: Data(contentsOf: output))
}
