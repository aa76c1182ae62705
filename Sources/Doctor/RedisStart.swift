import Facts

/// Reads what a file that starts Redis turns on: a redis.conf, or one with its command line (compose, a Kubernetes
/// manifest, a unit, a script). The last mention counts, as it does for Redis; comments and questions (`CONFIG GET`) do
/// not.
///
/// - Throws: `RunError` where the file is missing or can't be read.
func readRedisStart(_ path: String, namedAt location: Location?) throws(RunError) -> Deployment.RedisStart {
  let bytes = try readInput(
    path, what: "the file that starts Redis", maximumBytes: 16 * 1024 * 1024, namedAt: location)
  let lines = String(decoding: bytes, as: UTF8.self)
    .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(withoutComment)
  var start = Deployment.RedisStart(keyspaceEvents: .seen(nil), location: Location(file: path))
  for (index, line) in lines.enumerated() {
    guard let rest = afterName(in: line) else { continue }
    let place = Location(file: path, line: index + 1)
    // In a list each word has a line of its own.
    let value =
      word(in: rest) ?? lines[(index + 1)...].first { !$0.isEmpty }.flatMap { word(in: $0.drop { $0 == "-" }) } ?? ""
    start = Deployment.RedisStart(keyspaceEvents: events(value, at: place), location: place)
  }
  return start
}

/// A line without a comment and the white space around it.
private func withoutComment(_ line: Substring) -> Substring {
  var line = line.drop(while: \.isWhitespace)
  if line.hasPrefix("#") { return "" }
  if let comment = line.firstRange(of: " #") { line = line[..<comment.lowerBound] }
  while line.last?.isWhitespace == true { line.removeLast() }
  return line
}

/// What follows the setting's name, behind its closing quote; nil where the line does not set it.
private func afterName(in line: Substring) -> Substring? {
  let name = "notify-keyspace-events"
  // Names of settings are ASCII, and Redis does not mind their case.
  let lowered = line.lowercased()
  guard lowered.count == line.count, let found = lowered.ranges(of: name).last else { return nil }
  let start = line.index(line.startIndex, offsetBy: lowered.distance(from: lowered.startIndex, to: found.lowerBound))
  if lowered[..<found.lowerBound].split(separator: " ").last == "get" { return nil }
  let rest = line[line.index(start, offsetBy: name.count)...]
  return rest.first.map("\"'".contains) == true ? rest.dropFirst() : rest
}

/// The first word of a text, quoted or not; nil where there is none, empty for empty quotes.
private func word(in text: Substring) -> String? {
  let text = text.drop { " \t,:=".contains($0) }
  guard let first = text.first, !"]})".contains(first) else { return nil }
  if "\"'".contains(first) { return String(text.dropFirst().prefix { $0 != first }) }
  return String(text.prefix { !" \t\"',]}".contains($0) })
}

private func events(_ word: String, at place: Location) -> Observation<String?> {
  // redis.conf: K E g $ l s h z x e t m d n A.
  if word.allSatisfy({ "KEg$lshzxetmdnA".contains($0) }) { return .seen(word) }
  return .unseen(Unseen(.notUnderstood, "\(place) takes notify-keyspace-events from elsewhere", at: place))
}
