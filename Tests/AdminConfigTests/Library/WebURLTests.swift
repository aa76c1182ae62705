// URLs as configs write them, with values that the WHATWG URL Standard gives.
import Testing

@testable import AdminConfig

@Suite struct WebURLs {
  @Test(
    "A URL is normalised as the standard says",
    arguments: [
      ("redis://localhost:6379", "redis://localhost:6379"),
      ("redis://Localhost:6379/0", "redis://Localhost:6379/0"),
      ("rediss://:p@ss@h/1?x=1#f", "rediss://:p%40ss@h/1?x=1#f"),
      ("postgres://u:p%20w@[::1]:5432/db", "postgres://u:p%20w@[::1]:5432/db"),
      ("HTTPS://Example.COM:443/a/../b", "https://example.com/b"),
      ("http://127.1", "http://127.0.0.1/"),
      ("http://0x7f.0.0.1:80", "http://127.0.0.1/"),
      ("redis://127.1", "redis://127.1"),
      ("http://[1:0:0:0:0:0:0:1]", "http://[1::1]/"),
      ("http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]/"),
      ("unix:///tmp/redis.sock", "unix:///tmp/redis.sock"),
      ("unix:/tmp/redis.sock", "unix:/tmp/redis.sock"),
      ("mailto:a@b?subject=x y", "mailto:a@b?subject=x%20y"),
      ("file:///C|/x/..", "file:///C:/"),
      ("  http://h/\t\n ", "http://h/"),
      ("http:\\\\h\\a", "http://h/a"),
      ("redis://h/..", "redis://h/"),
      ("web:/.//x", "web:/.//x"),
      ("http://h/a^b", "http://h/a%5Eb"),
      ("http://h?a'b", "http://h/?a%27b"),
      ("redis://h?a'b", "redis://h?a'b"),
    ])
  func normalised(_ text: String, _ href: String) throws {
    #expect(try WebURL(text).href == href)
  }

  @Test(
    "What is no URL is invalid",
    arguments: [
      "", "localhost", "//h", "http://", "http://h:99999", "http://h:x", "http://a b", "http://256.1.1.1",
      "http://[::1",
      "http://@", "redis://:1", "http://a%2Fb", "http://%FF", "/x",
    ])
  func invalid(_ text: String) {
    #expect(throws: WebURLError.invalid) { try WebURL(text) }
  }

  @Test(
    "Names past ASCII and spaces at a path's end are not followed",
    arguments: ["mailto:a ?b", "http://bücher.de", "http://xn--bcher-kva.de", "http://%C3%BC"])
  func unsupported(_ text: String) {
    #expect {
      try WebURL(text)
    } throws: { error in
      if case WebURLError.unsupported = error { true } else { false }
    }
  }

  @Test func partsAreThoseOfTheClass() throws {
    let url = try WebURL("rediss://user:se%3Acret@cache.example:6380/2?family=6#x")
    #expect(url.scheme == "rediss:")
    #expect(url.username == "user")
    #expect(url.password == "se%3Acret")
    #expect(url.host == "cache.example:6380")
    #expect(url.hostname == "cache.example")
    #expect(url.port == "6380")
    #expect(url.pathname == "/2")
    #expect(url.search == "?family=6")
    #expect(url.hash == "#x")
    #expect(url.origin == "null")
    #expect(try WebURL("wss://h:443/x").origin == "wss://h")
    #expect(try WebURL("blob:https://h/x").origin == "https://h")
  }

  @Test func partsAreSetAsTheStandardSays() throws {
    var url = try WebURL("redis://h:1/0")
    url.password = "p@ss/word"
    url.port = ""
    url.pathname = "3?x"
    url.search = "a b"
    url.hash = "f"
    #expect(url.href == "redis://:p%40ss%2Fword@h/3%3Fx?a%20b#f")
    url.scheme = "https"
    #expect(url.scheme == "redis:")
    url.scheme = "rediss:"
    url.host = "other:7"
    url.search = ""
    url.hash = ""
    #expect(url.href == "rediss://:p%40ss%2Fword@other:7/3%3Fx")
    // Node.js 20 empties the port and the host here.
    url.port = ":8"
    url.host = ":9"
    url.hostname = "a:9"
    #expect(url.host == "other:7")
    var pathOnly = try WebURL("unix:/a/b")
    pathOnly.hostname = ""
    #expect(pathOnly.href == "unix:///a/b")
    pathOnly.port = "1"
    #expect(pathOnly.port == "")
  }

  @Test func relativeURLsAreResolved() throws {
    let base = try WebURL("https://h/a/b?q#f")
    #expect(try WebURL("../c", base: base).href == "https://h/c")
    #expect(try WebURL("?x", base: base).href == "https://h/a/b?x")
    #expect(try WebURL("//other/y", base: base).href == "https://other/y")
    #expect(try WebURL("redis://z", base: base).href == "redis://z")
    let opaque = try WebURL("mailto:a@b")
    #expect(try WebURL("#x", base: opaque).href == "mailto:a@b#x")
    #expect(throws: WebURLError.invalid) { try WebURL("x", base: opaque) }
  }

  @Test func formsAreReadAndWritten() throws {
    var url = try WebURL("redis://h?a=1&b=%C3%A9+x&c&=d&&e=f=g")
    #expect(url.searchParams.map { "\($0.0)|\($0.1)" } == ["a|1", "b|é x", "c|", "|d", "e|f=g"])
    url.searchParams = [("k", "v w&*~é")]
    #expect(url.search == "?k=v+w%26*%7E%C3%A9")
    url.searchParams = []
    #expect(url.href == "redis://h")
  }

  @Test(
    "A hostile URL ends",
    arguments: [
      ("http://h", "/a/..", ""), ("redis://h/", "../", ""), ("http://", "@", "h"), ("http://", "1.", ""),
      ("http://[", "1:", "]"), ("", "blob:", "x"), ("http://", "9", ""), ("", "a long scheme", ":"),
    ])
  func hostile(_ start: String, _ part: String, _ end: String) {
    let text = start + String(repeating: part, count: 100_000) + end
    let url = try? WebURL(text)
    #expect(url.map { $0.href.utf8.count <= 3 * text.utf8.count } ?? true)
  }
}
