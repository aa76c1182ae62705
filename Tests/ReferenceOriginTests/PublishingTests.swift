import Foundation
import ReferenceOrigin
import TestServers
import Testing

@Suite("Publishing at the reference origin", .timeLimit(.minutes(5)))
struct PublishingTests {
  private static let update = #"{"action":"update","id":"7"}"#

  @Test("Within one process, every stream of the channel gets it, and no other")
  func memory() async throws {
    try await withOrigin { origin in
      try await withOrigin { other in
        try await listening(to: "resource.users", at: origin) { first in
          try await listening(to: "resource.users", "resource.orders", at: origin) { second in
            try await listening(to: "resource.users", at: other) { stranger in
              let answer = try await publish(Self.update, on: "resource.users", at: origin)
              #expect(answer.hasSuffix("\r\n\r\n{\"receivers\":2}"))
              let event = #"data: {"channel":"resource.users","payload":\#(Self.update)}"#
              for connection in [first, second] {
                let received = try await connection.receive { $0.hasSuffix("\n\n") }
                #expect(received.text == "event: message\n\(event)\n\n")
              }
              // What it gets next is its own.
              _ = try await publish("1", on: "resource.users", at: other)
              let received = try await stranger.receive { $0.hasSuffix("\n\n") }
              #expect(received.text.contains("\"payload\":1}"))
            }
          }
        }
      }
    }
  }

  @Test(
    "A payload is passed on as flowpanel reads it",
    arguments: [
      ("", ""), (" { \"a\" : [ 1.0 ,\r\n\t\"b c\\\" \\\\\" ] } ", #"{"a":[1.0,"b c\" \\"]}"#), ("null", "null"),
      ("plain \"text\"\nid: 9", #""plain \"text\"\nid: 9""#), ("{\"a\":\"\n\"}", #""{\"a\":\"\n\"}""#),
      ("\u{0}[1]", #""\u0000[1]""#), ("é", "\"é\""),
    ])
  func payloads(body: String, data: String) async throws {
    for convention in [OriginConvention.verbatim, .prefixed, .documented] {
      try await withOrigin {
        $0.convention = convention
      } _: { origin in
        try await listening(to: "a%20b", at: origin) { connection in
          guard convention != .prefixed else { return }
          _ = try await publish(body, on: "a+b", at: origin)
          let received = try await connection.receive { $0.hasSuffix("\n\n") }
          #expect(received.text == "event: message\ndata: \(data)\n\n")
        }
        try await listening(to: "x", at: origin) { connection in
          guard convention == .prefixed else { return }
          _ = try await publish(body, on: "x", at: origin)
          let received = try await connection.receive { $0.hasSuffix("\n\n") }
          let payload = data.isEmpty ? "" : ",\"payload\":\(data)"
          #expect(received.text == "event: message\ndata: {\"channel\":\"x\"\(payload)}\n\n")
        }
      }
    }
  }

  /// What JSON.parse takes, or not.
  private static let texts = [
    "0", "-0", "-12.50e+3", "1e999", "123456789012345678901", "\t[ ]\r\n", "{ }", "[[],{\"a\":[{}]}]",
    "\"\u{2028}\u{7F}\"",
    #"{"a":1,"a":"\u00e9\/\ud83d\b\f\n\r\t\"\\"}"#, " true ", "false", "null", #"{"":"//"}"#, "[1,]", #"{"a":1,}"#,
    "\u{FEFF}1", "1 2", "[1 2]", "[", "]", "[}", "[1}", "{]", "[,1]", "[1,,2]", #"{"a"}"#, #"{"a" 1}"#, "{a:1}",
    "{'a':1}",
    #"{"a":1"#, #"{"a":}"#, "01", "-", "+1", "1.", ".5", "1e", "1e+", "-01", "0x10", "NaN", "Infinity", "nul", "nulll",
    "True",
    "[\"a]", "\"a\tb\"", "\"\u{0}\"", #""\x41""#, #""\u12g4""#, #""\u12"#, #""\"#, "/* a */ 1", "1 // a", "\u{A0}1",
    "1\u{B}", " ", "\n",
  ]

  /// What Node makes of each text: JSON anew, or where it is none what a function says instead.
  private func rewritten(_ texts: [String], elseBy otherwise: String) async throws -> [String] {
    let script = """
      const otherwise = \(otherwise)
      const result = JSON.parse(require("fs").readFileSync(0, "utf8")).map(text => {
        try { return JSON.stringify(JSON.parse(text)) } catch { return otherwise(text) }
      })
      process.stdout.write(JSON.stringify(result))
      """
    let input = Array(try JSONEncoder().encode(texts))
    let result = try await runBinary(findProgram("node"), ["-e", script], standardInput: input)
    return try JSONDecoder().decode([String].self, from: Data(result.standardOutput.utf8))
  }

  @Test(
    "What JSON.parse refuses is passed on as a string, and what it takes has the same value",
    .enabled(if: (try? findProgram("node")) != nil, "Node.js is not installed"))
  func asNode() async throws {
    var passedOn: [String] = []
    try await withOrigin {
      $0.convention = .verbatim
    } _: { origin in
      try await listening(to: "a", at: origin) { connection in
        for text in Self.texts {
          _ = try await publish(text, on: "a", at: origin)
          let received = try await connection.receive { $0.hasSuffix("\n\n") }
          passedOn.append(String(received.text.dropFirst("event: message\ndata: ".count).dropLast(2)))
        }
      }
    }
    let expected = try await rewritten(Self.texts, elseBy: "JSON.stringify")
    let values = try await rewritten(passedOn, elseBy: "text => 'no JSON: ' + text")
    for (text, (value, right)) in zip(Self.texts, zip(values, expected)) { #expect(value == right, "\(text)") }
  }

  @Test("JSON may be as deep as it is long", arguments: [true, false])
  func deep(isClosed: Bool) async throws {
    try await withOrigin {
      $0.convention = .verbatim
    } _: { origin in
      try await listening(to: "a", at: origin) { connection in
        let text =
          String(repeating: "[", count: 1 << 19) + String(repeating: "]", count: (1 << 19) - (isClosed ? 0 : 1))
        _ = try await publish(text, on: "a", at: origin)
        let received = try await connection.receive { $0.hasSuffix("\n\n") }
        #expect(received.text == "event: message\ndata: \(isClosed ? text : "\"\(text)\"")\n\n")
      }
    }
  }

  @Test("Later versions take 25 channels, with names of some characters, and drop the rest")
  func acceptedChannels() async throws {
    try await withOrigin { origin in
      let long = String(repeating: "x", count: 128)
      let names = (["b%20c", "d/e", "%C3%A9", "", long + "x", long] + (7...26).map { "c\($0)" }).joined(
        separator: "&channel=")
      try await listening(to: names, at: origin) { _ in
        var receivers: [Bool] = []
        for name in ["b%20c", "d/e", "%C3%A9", "", long + "x", long, "c7", "c25", "c26"] {
          receivers.append(try await publish("1", on: name, at: origin).hasSuffix("{\"receivers\":1}"))
        }
        #expect(receivers == [false, false, false, false, false, true, true, true, false])
      }
    }
  }

  @Test("A channel asked for twice is sent twice")
  func twice() async throws {
    try await withOrigin { origin in
      try await listening(to: "a", "a", at: origin) { connection in
        _ = try await publish("1", on: "a", at: origin)
        let received = try await connection.receive { $0.split(separator: "\n\n").count == 2 }
        #expect(!received.ended)
      }
    }
  }

  @Test("What can't be published is refused with the reason")
  func refusals() async throws {
    try await withOrigin { origin in
      let path = "/api/flowpanel/publish"
      for (method, target, length, status, text) in [
        ("GET", "\(path)?channel=a", 0, "405 Method Not Allowed\r\nAllow: POST", "Method Not Allowed"),
        ("POST", path, 0, "400 Bad Request", "?channel=resource.users"),
        ("POST", "\(path)?channel=a&channel=b", 0, "400 Bad Request", "?channel=resource.users"),
        ("POST", "\(path)?channel=a", (1 << 20) + 1, "413 Payload Too Large", "1 MiB"),
        ("POST", "\(path)?channel=a", 1 << 20, "200 OK", "{\"receivers\":0}"),
      ] {
        let head = request(method, target, headers: "Connection: close\r\nContent-Length: \(length)\r\n")
        let body = String(repeating: "x", count: length)
        let received = try await TCPConnection.exchange(port: origin.port, head + body)
        #expect(received.text.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(target)")
        #expect(received.text.contains(text), "\(target)")
      }
    }
    try await withOrigin {
      $0.fanOut = nil
    } _: { origin in
      let answer = try await publish("1", on: "a", at: origin)
      #expect(answer.hasPrefix("HTTP/1.1 404 Not Found\r\n"))
    }
  }

  @Test("Published events miss a silence, and leave the numbers alone")
  func besideNumberedEvents() async throws {
    try await withOrigin {
      $0.eventInterval = .milliseconds(20)
    } _: { origin in
      try await listening(to: "a", at: origin) { connection in
        _ = try await publish("1", on: "a", at: origin)
        let received = try await connection.receive {
          $0.contains("\"payload\":1}\n\n") && marks(in: $0).count > 1
        }
        let numbers = marks(in: received.text).map(\.number)
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 == $0 + 1 })
      }
    }
    try await withOrigin {
      $0.silences = [.init(afterEvent: 0, duration: .seconds(60))]
    } _: { origin in
      try await listening(to: "a", at: origin) { connection in
        _ = try await publish("1", on: "a", at: origin)
        await #expect(throws: StateNotReached.self) {
          try await connection.receive(within: .milliseconds(100)) { !$0.isEmpty }
        }
      }
    }
  }
}
