import Testing
import Transport

@Suite("URLs are taken apart as they are connected to")
struct URLPartsTests {
  @Test(
    "what may be shown has no user-info and no unknown query value",
    arguments: [
      ("http://h/x", "http://h/x"), ("https://user:canary@h:8443/x", "https://h:8443/x"),
      ("http://h/s?channel=a&channel=b", "http://h/s?channel=a&channel=b"),
      ("http://h/s?token=canary&channel=a", "http://h/s?token=…&channel=a"), ("http://h/s?flag", "http://h/s?flag"),
      ("https://h:443/", "https://h/"), ("http://[::1]:3000/x", "http://[::1]:3000/x"), ("http://h", "http://h/"),
    ])
  func redacted(_ url: String, _ shown: String) throws {
    #expect(try #require(URLParts(url)).redacted == shown)
  }

  @Test(
    "references are resolved as RFC 3986 section 5 says",
    arguments: [
      ("/login", "https://h:8443/login"), ("next?x=1", "https://h:8443/a/next?x=1"), ("//other/y", "https://other/y"),
      ("http://h/", "http://h/"),
    ])
  func resolves(_ reference: String, _ expected: String) throws {
    #expect(try #require(URLParts(reference: reference, base: "https://h:8443/a/b")).text == expected)
  }

  @Test("an origin is scheme, host and port, written or not")
  func origin() throws {
    #expect(try #require(URLParts("https://h/a")).origin == URLParts("https://h:443/b")?.origin)
    #expect(try #require(URLParts("https://h/a")).origin != URLParts("http://h/a")?.origin)
  }

  @Test("what is no URL has no parts", arguments: ["", "http://", "http://h:99999/", "no url at all"])
  func notURLs(_ text: String) {
    #expect(URLParts(text) == nil)
  }
}
