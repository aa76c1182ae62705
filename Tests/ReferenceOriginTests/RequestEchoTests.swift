import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("The reference origin's echo", .timeLimit(.minutes(5)))
struct RequestEchoTests {
  private struct Echo: Decodable, Equatable {
    var version: String
    var method: String
    var target: String
    var headers: [[String]]
  }

  private func echo(
    _ request: String, after opening: String = handshake, _ configure: (inout OriginSettings) -> Void = { _ in }
  ) async throws -> Echo {
    let event = "event: request\ndata: {"
    return try await withOrigin(configure) { origin in
      let received = try await TCPConnection.exchange(port: origin.port, request) {
        $0.hasSuffix("}\n\n") && $0.contains(event)
      }
      let body = try #require(received.text.split(separator: "\r\n\r\n", maxSplits: 1).last)
      #expect(body.hasPrefix(opening + event))
      return try JSONDecoder().decode(Echo.self, from: Data(try #require(eventData(in: received.text).last).utf8))
    }
  }

  @Test("The event after the handshake says what arrived, with spelling and order")
  func arrived() async throws {
    let target = "/api/flowpanel/stream?channel=a%20b&echo=1"
    let echo = try await echo("GET \(target) HTTP/1.0\r\nhOsT: x\r\nVia: 1.1 a\r\nAccept: b\r\nVia: \"q\\\"\r\n\r\n")
    #expect(
      echo
        == Echo(
          version: "HTTP/1.0", method: "GET", target: target,
          headers: [["hOsT", "x"], ["Via", "1.1 a"], ["Accept", "b"], ["Via", "\"q\\\""]]))
  }

  @Test("Without the handshake it is the first")
  func first() async throws {
    let echo = try await echo(request(version: "1.0"), after: "") {
      $0.echoesRequest = true
      $0.sendsHandshake = false
    }
    #expect(echo.method == "GET")
  }

  @Test("What may be a secret is not in it")
  func secrets() async throws {
    let canary = "c4n4ry"
    let echo = try await echo(
      request(
        "GET", "/api/flowpanel/stream?token=\(canary)&channel=a&\(canary)&&k=", version: "1.0",
        headers: "Cookie: s=\(canary)\r\nAUTHORIZATION: Bearer \(canary)\r\nX-Api-Key: \(canary)\r\n")
    ) { $0.echoesRequest = true }
    #expect(echo.target == "/api/flowpanel/stream?token=[redacted]&channel=a&[redacted]&&k=[redacted]")
    #expect(
      echo.headers == [
        ["Host", "localhost"], ["Accept", "text/event-stream"], ["Cookie", "[redacted]"],
        ["AUTHORIZATION", "[redacted]"], ["X-Api-Key", "[redacted]"],
      ])
  }

  @Test("A header's value may have quotation marks, tabs and other languages")
  func otherCharacters() async throws {
    let echo = try await echo(request(version: "1.0", headers: "User-Agent: \"a\"\té\\\r\n")) {
      $0.echoesRequest = true
    }
    #expect(echo.headers.last == ["User-Agent", "\"a\"\té\\"])
  }
}
