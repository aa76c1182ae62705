import FanOut
import Testing

@Suite("What a channel is called in Redis")
struct WireNameTests {
  private static let channel = "flowpanel-doctor.x"

  @Test(
    "tells the version that subscribes, whatever its prefix",
    arguments: [
      ("", "verbatim"), ("flowpanel:", "flowpanel:"), ("acme:", "acme:"), ("fp:custom:", "fp:custom:"),
      ("acme:custom:", "acme:custom:"), ("a:b:", "a:b:"), (":", ":"), ("custom:", "custom:"), (":custom:", ":custom:"),
      ("sse:channel:", "sse:channel:"), ("x:sse:channel:", "x:sse:channel:"),
    ])
  func forms(_ prefix: String, _ short: String) throws {
    #expect(try #require(WireName(prefix + Self.channel, of: Self.channel)).short == short)
  }

  @Test("is no name of another channel", arguments: ["", "x", "flowpanel:", "-", "flowpanel:x"])
  func others(_ prefix: String) {
    #expect(WireName("\(prefix)\(Self.channel).0", of: Self.channel) == nil)
    #expect(WireName("\(prefix)flowpanel-doctor", of: Self.channel) == nil)
    #expect(WireName("x\(Self.channel)", of: Self.channel) == nil)
  }

  @Test("is of one convention with another that differs in the prefix alone")
  func conventions() throws {
    let prefixes = ["", "flowpanel:", "fp:custom:", "sse:channel:"]
    let names = try prefixes.map { try #require(WireName($0 + Self.channel, of: Self.channel)) }
    for (index, name) in names.enumerated() {
      #expect(names.indices.filter { name.isOfOneConvention(with: names[$0]) } == [index])
    }
    let other = try #require(WireName("acme:\(Self.channel)", of: Self.channel))
    #expect(other.isOfOneConvention(with: names[1]) && other != names[1])
    let documented = try #require(WireName("acme:custom:\(Self.channel)", of: Self.channel))
    #expect(documented.isOfOneConvention(with: names[2]) && documented != names[2])
  }

  @Test("is told in words that name the prefix, and the versions where these differ")
  func words() throws {
    func name(_ prefix: String) throws -> WireName { try #require(WireName(prefix + "c", of: "c")) }
    #expect(try name("").words == "names without a prefix (versions up to 0.2)")
    #expect(try name("acme:").words == "the prefix acme (versions from 0.3 on)")
    #expect(try name("acme:").prefixWords == "the prefix acme")
    #expect(try name("fp:custom:").words == "names that begin with fp:custom (as documented)")
    #expect(try name("fp:custom:").prefixWords == "the prefix fp:custom")
    #expect(try name("sse:channel:").words == "names that begin with sse:channel")
    #expect(try name("sse:channel:").prefixWords == "names that begin with sse:channel")
    #expect(try name("").prefixWords == name("").words)
  }
}
