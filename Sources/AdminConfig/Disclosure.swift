import Facts

/// The one place where text from an environment may stop being a secret. A driver, a key prefix and the name of a master
/// have to be shown and compared, and may come from variables; a password pasted into the wrong variable must still not
/// be shown.
public enum Disclosure {
  /// A driver's name: text from the file is shown as it is, text from a variable only if it is one of the known names.
  static func driver(_ text: String, from sources: Set<String>) -> String {
    sources.isEmpty || text == "memory" || text == "redis" ? text : Secret.redacted
  }

  /// A key prefix or another name: text from the file is shown as it is. Text from variables is shown if it looks like a
  /// prefix, 1 to 128 characters of the channel names that flowpanel accepts or braces (a hash tag, `{bull}`), and none of
  /// the variables' names suggests a secret.
  public static func name(_ text: String, from sources: Set<String>) -> String {
    if sources.isEmpty { return text }
    let looksLikePrefix =
      (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isPlainNamePart || "{}".utf8.contains($0) }
    return looksLikePrefix && !sources.contains(where: suggestsSecret) ? text : Secret.redacted
  }

  /// Whether a variable's name says that its value is a secret or holds one.
  private static func suggestsSecret(_ name: String) -> Bool {
    let upper = name.uppercased()
    return upper.hasSuffix("_KEY") || ["SECRET", "PASSWORD", "TOKEN", "URL"].contains { upper.contains($0) }
  }
}
