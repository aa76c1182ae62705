import Foundation
import StreamProbe
import Testing

private let folder = ProcessInfo.processInfo.environment["DOCTOR_CONFORMANCE"]

private struct Case: Decodable {
  struct Event: Decodable, Equatable {
    var event: String
    var data: String
    var lastEventId: String
  }

  var name: String
  var chunks_base64: [String]
  var expected: [Event]
  var finalLastEventId: String?
  var retries: [Int]?
  var retriesNotAsserted: Bool?
  var comments: [String]?
}

@Suite("The event stream parser passes the conformance cases", .enabled(if: folder != nil))
struct EventStreamConformanceTests {
  @Test("as they are cut, and byte by byte", arguments: [false, true])
  func cases(byteByByte: Bool) throws {
    let path = try #require(folder) + "/sse.json"
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    #expect(!cases.isEmpty)
    for item in cases {
      var parser = EventStreamParser(maximumBytes: .max)
      var events: [Case.Event] = []
      var retries: [Int] = []
      var comments: [String] = []
      let chunks = try item.chunks_base64.map { try #require(Data(base64Encoded: $0)) }
      for chunk in byteByByte ? chunks.joined().map({ Data([$0]) }) : chunks {
        for found in parser.feed(chunk) {
          switch found {
          case .event(let type, let data, let id):
            events.append(Case.Event(event: type, data: data, lastEventId: id))
          case .comment(let text): comments.append(text)
          case .retry(let time): retries.append(time)
          case .tooLarge: Issue.record("\(item.name): tooLarge")
          }
        }
      }
      #expect(events == item.expected, "\(item.name)")
      if let expected = item.finalLastEventId { #expect(parser.lastEventID == expected, "\(item.name)") }
      if let expected = item.comments { #expect(comments == expected, "\(item.name)") }
      if let expected = item.retries, item.retriesNotAsserted != true { #expect(retries == expected, "\(item.name)") }
    }
  }
}
