// What libFuzzer runs: a config with the files that it imports, made of any bytes, evaluated under an environment. It must
// end, must not crash, and must not show the text of a variable.
import AdminConfig
import Facts

/// The files of an input: its bytes cut at NULs, under these names in turn.
private let names = ["flowpanel.config.tsx", "env.ts", "settings/index.js", "data.json", "tsconfig.json", ".env"]
private let secret = "s3cr3t+canary"

/// One input, as libFuzzer hands it over; always 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  var files: [String: [UInt8]] = [:]
  for (name, part) in zip(
    names, bytes.split(separator: 0, maxSplits: names.count - 1, omittingEmptySubsequences: false))
  {
    files[name] = Array(part)
  }
  let tree = files
  let content = ConfigFiles { path in
    if let bytes = tree[path] { return .file(bytes) }
    return tree.keys.contains { $0.hasPrefix(path + "/") } || path == "." ? .folder : .missing
  }
  guard let config = try? ConfigModule(entry: names[0], files: content) else { return 0 }
  let environments: [ConfigEnvironment] = [
    .known([
      "REDIS_URL": Secret("redis://u:\(secret)@h:1/2"), "A_SECRET": Secret(secret), "NODE_ENV": Secret("production"),
    ]),
    .known([:]),
    .unknown(Unseen(.missing, "no environment")),
  ]
  for settings in config.realtime(underEach: environments) + environments.map({ config.realtime(under: $0) }) {
    var shown = ""
    dump(settings, to: &shown)
    precondition(!shown.contains(secret), "the text of a variable is shown")
  }
  for environment in environments {
    var shown = ""
    dump(config.trace(of: ["realtime", "url"], under: environment), to: &shown)
    precondition(!shown.contains(secret), "the text of a variable is shown in a trace")
  }
  return 0
}
