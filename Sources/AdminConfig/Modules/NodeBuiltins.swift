/// The modules that Node.js itself has (`module.builtinModules`).

/// The built-in module that a specifier names, without `node:`; nil for every other specifier. A few modules exist under
/// that prefix alone, since packages of their names came first.
func nodeBuiltin(_ specifier: String) -> String? {
  let prefix = "node:"
  guard specifier.utf8.starts(with: prefix.utf8) else { return builtins.contains(specifier) ? specifier : nil }
  let name = String(specifier.utf8.dropFirst(prefix.utf8.count)) ?? ""
  return builtins.contains(name) || prefixedBuiltins.contains(name) ? name : nil
}

private let builtins: Set<String> = [
  "assert", "assert/strict", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto",
  "dgram", "diagnostics_channel", "dns", "dns/promises", "domain", "events", "fs", "fs/promises", "http", "http2",
  "https", "inspector", "inspector/promises", "module", "net", "os", "path", "path/posix", "path/win32", "perf_hooks",
  "process", "punycode", "querystring", "readline", "readline/promises", "repl", "stream", "stream/consumers",
  "stream/promises", "stream/web", "string_decoder", "sys", "timers", "timers/promises", "tls", "trace_events", "tty",
  "url", "util", "util/types", "v8", "vm", "wasi", "worker_threads", "zlib",
]

private let prefixedBuiltins: Set<String> = ["sea", "sqlite", "test", "test/reporters"]
