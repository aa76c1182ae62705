import Facts
import Foundation
import Transport

/// What a client of flock's says, as JSON.
struct RoomMessage: Encodable {
  /// What tells others who it is. flock passes it on as it is.
  struct Metadata: Codable {
    var name = "flowpanel-doctor"
    /// How often the user joined before.
    var attempt: Int
  }

  var type: String
  var roomId: String
  var userId: String?
  var metadata: Metadata?
  var apiKey: String?

  var text: String {
    // Strings and a number can always be written.
    (try? JSONEncoder().encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// What a server of flock's says, as far as it matters here.
struct RoomReply: Decodable {
  private struct Metadata: Decodable { var attempt: Int? }
  private enum Key: CodingKey { case type, roomId, userId, code, message, metadata }

  var type: String
  var roomId: String?
  var userId: String?
  var code: String?
  var message: String?
  /// How often the user that it tells of had joined before; nil where the server does not pass that on.
  var attempt: Int?

  /// The message in a text; nil for another text.
  init?(_ text: String) {
    guard let reply = try? JSONDecoder().decode(RoomReply.self, from: Data(text.utf8)) else { return nil }
    self = reply
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    type = try container.decode(String.self, forKey: .type)
    roomId = try container.decodeIfPresent(String.self, forKey: .roomId)
    userId = try container.decodeIfPresent(String.self, forKey: .userId)
    code = try container.decodeIfPresent(String.self, forKey: .code)
    message = try container.decodeIfPresent(String.self, forKey: .message)
    attempt = (try? container.decodeIfPresent(Metadata.self, forKey: .metadata))?.attempt
  }
}

/// Why a user is not in the room, or no longer.
enum RoomRefusal: Error {
  case webSocket(WebSocketFailure)
  /// The server's error message.
  case refused(code: String, message: String)
  /// Nothing came in time that tells of the room.
  case notAcknowledged(isTalking: Bool)

  /// The failure as a fact: without the secrets that were sent, and no longer than an excerpt.
  func failure(without secrets: SecretEchoes) -> RoomFacts.Failure {
    func shown(_ text: String) -> String { Array(text.utf8).withUnsafeBytes { secrets.excerpt($0) } }
    switch self {
    case .webSocket(.notConnected(let failure)):
      return RoomFacts.Failure(failure.kind == .timedOut ? .timedOut : .notReachable, shown(failure.detail))
    case .webSocket(.notUpgraded(let status)):
      let server = status.server.map { " by \(shown($0))" } ?? ""
      return RoomFacts.Failure(
        .notUpgraded, status: status.code,
        "the WebSocket handshake was answered\(server) with status \(status.code) instead of 101")
    case .webSocket(.malformed(let detail)): return RoomFacts.Failure(.notUnderstood, shown(detail))
    case .webSocket(.closed(let code, let reason)):
      return RoomFacts.Failure(
        .closed,
        "the server closed the WebSocket with code \(code ?? 1005)"
          + (reason.isEmpty ? "" : ": \(shown(reason))"))
    case .webSocket(.broken(let detail)): return RoomFacts.Failure(.closed, detail)
    case .webSocket(.timedOut): return RoomFacts.Failure(.timedOut, "the WebSocket handshake was not answered in time")
    case .webSocket(.cancelled): return RoomFacts.Failure(.timedOut, "the run ended first")
    case .refused(let code, let message):
      let code = shown(code)
      return RoomFacts.Failure(
        .refused, code: code, "the server refused with \(code)" + (message.isEmpty ? "" : ": \(shown(message))"))
    case .notAcknowledged(let isTalking):
      return isTalking
        ? RoomFacts.Failure(.notUnderstood, "the join was not acknowledged, and what came instead is none of flock's")
        : RoomFacts.Failure(.timedOut, "the join was not acknowledged in time")
    }
  }
}
