// URLs against Node.js: a fixed choice of texts, the same in every run.
import Testing

@testable import AdminConfig

@Suite(.enabled(if: NodeProcess.isInstalled, "Node.js is not installed")) struct WebURLDifferential {
  private static let schemes = [
    "http:", "https:", "HTTPS:", "ws:", "wss:", "ftp:", "file:", "redis:", "rediss:", "postgres:", "unix:", "mailto:",
    "",
  ]
  private static let slashes = ["//", "//", "//", "///", "/", "", "\\\\", "/\\"]
  private static let credentials = ["", "", "user@", "user:secret@", ":p@ss@", "a:b:c@", "%41;=@", "@", ":@", "é:ü@"]
  private static let hosts = [
    "localhost", "Example.COM", "127.1", "0x7f.1", "1.2.3", "256.1.1.1", "1.2.3.4.", "0", "4294967296", "a.1", "09.1",
    "[::1]", "[1:0:0:2:0:0:0:3]", "[::ffff:1.2.3.4]", "[1:2]", "[::1", "[1:2:3:4:5:6:7:8]", "[0:0::0]", "[::01.2.3.4]",
    "a b", "a%20b", "%41b", "a_b", "", "redis-master", "h.", "h..", "a%2Fb", "C:", "[::1:]", "[1::2::3]", "..",
  ]
  private static let ports = ["", "", ":6379", ":80", ":443", ":", ":65536", ":0080", ":x", ":6379x"]
  private static let paths = [
    "", "/", "/0", "/a/../b", "/a/./b/", "/%2e%2E/c", "/a b", "\\a\\b", "/é", "//x", "/.//x", "/C|/x/..", "a/../c",
    "/{}<>\"`",
    "/a//..//b", "/%zz", "/a:b@c", "C:/x", "/[a]|~",
  ]
  private static let queries = ["", "?", "?a=1&b=2", "?a'b\"<>", "?é#", "?a b+c%20d", "?a#b?c"]
  private static let fragments = ["", "#", "#f", "#a b`<>\"", "#é#"]
  private static let members = [
    "protocol", "username", "password", "host", "hostname", "port", "pathname", "search", "hash",
  ]

  private static func text(_ generator: inout SeededGenerator) -> String {
    generator.pick(schemes) + generator.pick(slashes) + generator.pick(credentials) + generator.pick(hosts)
      + generator.pick(ports) + generator.pick(paths) + generator.pick(queries) + generator.pick(fragments)
  }

  private static func parts(_ url: WebURL) -> Scalar {
    .list(
      [
        url.href, url.scheme, url.username, url.password, url.host, url.hostname, url.port, url.pathname, url.search,
        url.hash, url.origin,
      ].map { .string($0) })
  }

  private static let list = """
    [u.href, u.protocol, u.username, u.password, u.host, u.hostname, u.port, u.pathname, u.search, u.hash, u.origin]
    """

  private static func parsed(_ text: String, base: String? = nil) -> BuiltinResult {
    do {
      return .value(parts(try WebURL(text, base: try base.map { text throws(WebURLError) in try WebURL(text) })))
    } catch WebURLError.unsupported(let reason) {
      return .notComputed(reason)
    } catch {
      return .throwsError(kind: "TypeError", message: "Invalid URL")
    }
  }

  @Test func absoluteURLsAgree() throws {
    var generator = SeededGenerator(state: 21)
    let comparisons = (0..<1500).map { _ in
      let text = Self.text(&generator)
      return Comparison(
        expression: "((u) => \(Self.list))(new URL(\(source(.string(text)))))", result: Self.parsed(text))
    }
    #expect(try expectAgreement(comparisons) > 1000)
  }

  @Test func relativeURLsAgree() throws {
    var generator = SeededGenerator(state: 22)
    let bases = [
      "http://user@h:81/a/b?q#f", "file:///C:/x/y", "file://h/x", "redis://r:1/0/1", "https://h", "unix:/a/b",
    ]
    let comparisons = (0..<1000).map { _ in
      let base = generator.pick(bases)
      let text =
        generator.next() % 3 == 0
        ? Self.text(&generator)
        : generator.pick(["", "//h2", "/", "http:", "file:", "///", "\\"]) + generator.pick(Self.paths)
          + generator.pick(Self.queries) + generator.pick(Self.fragments)
      return Comparison(
        expression: "((u) => \(Self.list))(new URL(\(source(.string(text))), \(source(.string(base)))))",
        result: Self.parsed(text, base: base))
    }
    #expect(try expectAgreement(comparisons) > 800)
  }

  @Test func assignmentsAgree() throws {
    var generator = SeededGenerator(state: 23)
    let bases = [
      "http://user:pw@h:81/a/b?q#f", "file:///C:/x/y", "file://h/x", "redis://r:1/0/1", "mailto:a@b", "https://h/",
      "unix:/a/b", "redis:///x", "rediss://u@h",
    ]
    var comparisons: [Comparison] = []
    for _ in 0..<1200 {
      let base = generator.pick(bases)
      let member = generator.pick(Self.members)
      let all = [
        Self.schemes, ["", "a:b", "x y"], Self.credentials, Self.hosts, Self.ports, Self.paths, Self.queries,
        Self.fragments, ["80", "443", "6380", "1x", "70000", "h:90", "h:", "h/x", "h?x", "https", "redis"],
      ]
      let value = generator.pick(generator.pick(all))
      // Where Node.js 20 differs from the standard; the table below has these.
      if member == "port", !value.isEmpty, !(value.first?.isNumber ?? false) { continue }
      if member.hasPrefix("host"), value.isEmpty || ":/?#\\@".contains(value.prefix(1)) { continue }
      if member == "pathname", value == ".." { continue }
      var url = try WebURL(base)
      switch member {
      case "protocol": url.scheme = value
      case "username": url.username = value
      case "password": url.password = value
      case "host": url.host = value
      case "hostname": url.hostname = value
      case "port": url.port = value
      case "pathname": url.pathname = value
      case "search": url.search = value
      default: url.hash = value
      }
      let assign = "((u) => { u.\(member) = \(source(.string(value))); return \(Self.list); })"
      comparisons.append(
        Comparison(expression: "\(assign)(new URL(\(source(.string(base)))))", result: .value(Self.parts(url))))
    }
    try expectAgreement(comparisons)
  }

  @Test func formsAgree() throws {
    var generator = SeededGenerator(state: 24)
    let parts = ["a", "=", "&", "+", "%20", "%C3%A9", "%FF", "1", "%2", "*", "~", "'", "b"]
    var comparisons: [Comparison] = []
    for _ in 0..<300 {
      let text = generator.text(of: parts, upTo: 6)
      let fields = parseForm(text)
      let list = fields.map { Scalar.list([.string($0.0), .string($0.1)]) }
      let parameters = "new URLSearchParams(\(source(.string(text))))"
      comparisons.append(Comparison(expression: "[...\(parameters)]", result: .value(.list(list))))
      comparisons.append(
        Comparison(expression: "\(parameters).toString()", result: .value(.string(serializeForm(fields)))))
    }
    try expectAgreement(comparisons)
  }
}
