// How messages put lists, numbers and commands: numbers with their unit, and the same way in every check.

import Diagnosis

/// `web-1`, `web-1 and web-2`, `web-1, web-2 and web-3`; past eight, how many more there are.
func listed(_ names: [String]) -> String {
  let shown = 8
  if names.count > shown + 1 { return firstFew(names, shown) }
  guard let last = names.last, names.count > 1 else { return names.first ?? "" }
  return names.dropLast().joined(separator: ", ") + " and " + last
}

/// The names without one of them; only as many are looked at as are listed.
func listed(_ names: [String], except name: String) -> String {
  let others = names.prefix(10).filter { $0 != name }
  if names.count <= 10 { return listed(others) }
  return others.prefix(8).joined(separator: ", ") + " and \(names.count - 1 - 8) more"
}

/// `256 MiB`, `1000 bytes`: the largest binary unit that leaves a whole number.
func binarySize(_ bytes: Int) -> String {
  for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] where bytes >= size && bytes % size == 0 {
    return "\(bytes / size) \(unit)"
  }
  return counted(bytes, "byte")
}

/// A word for a POSIX shell, in single quotes where it needs them.
func shellWord(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
      || "-._/:@%+,".utf8.contains(byte)
  }
  return isPlain && !text.isEmpty
    ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
}
