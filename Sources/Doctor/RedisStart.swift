import Facts

/// Reads what a file that starts Redis turns on: a redis.conf, or one with its command line (compose, a Kubernetes
/// manifest, a unit, a script). The last mention counts, as it does for Redis; lines of comment do not.
///
/// - Throws: `RunError` where the file is missing or can't be read.
func readRedisStart(_ path: String, namedAt location: Location?) throws(RunError) -> Deployment.RedisStart {
  let bytes = try readInput(
    path, what: "the file that starts Redis", maximumBytes: 16 * 1024 * 1024, namedAt: location)
  let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    .map { $0.drop { $0 == " " || $0 == "\t" } }
  var start = Deployment.RedisStart(keyspaceEvents: nil, location: Location(file: path))
  for (index, line) in lines.enumerated() where !line.hasPrefix("#") {
    guard let name = line.ranges(of: "notify-keyspace-events").last else { continue }
    // A list has each word in a line of its own.
    let rest = line[name.upperBound...]
    let value = flags(in: rest) ?? lines[(index + 1)...].first { !$0.isEmpty && !$0.hasPrefix("#") }.flatMap(flags)
    start = Deployment.RedisStart(keyspaceEvents: value ?? "", location: Location(file: path, line: index + 1))
  }
  return start
}

/// The flags that a text begins with, behind quotes and the marks of lists and mappings; nil where there are none.
private func flags(in text: Substring) -> String? {
  let value = text.drop { " \t\r\"',:=[]-".contains($0) }.prefix { $0.isLetter || $0 == "$" }
  // redis.conf: K E g $ l s h z x e t m d n A.
  return value.isEmpty || !value.allSatisfy { "KEg$lshzxetmdnA".contains($0) } ? nil : String(value)
}
