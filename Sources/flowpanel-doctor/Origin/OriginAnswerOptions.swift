import ArgumentParser
import ReferenceOrigin

/// The options on where an origin listens.
struct OriginPlaceOptions: ParsableArguments {
  @Option(help: "The address to listen on, loopback unless given.")
  var host = "127.0.0.1"

  @Option(help: "The port to listen on; 0 takes a free one.")
  var port = 0

  @Option(help: "The path of the stream.")
  var path = "/api/flowpanel/stream"

  func apply(to settings: inout OriginSettings) {
    settings.host = host
    settings.port = port
    settings.path = path
  }

  /// Whether nobody but this machine can connect (RFC 6890: 127.0.0.0/8, ::1).
  var isLoopback: Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return ["localhost", "::1"].contains(host)
      || parts.count == 4 && parts.first == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}

/// The options on what a request is answered with.
struct OriginAnswerOptions: ParsableArguments {
  @Option(help: "The status to answer with.")
  var status = 200

  @Option(
    help: ArgumentHelp(
      "A header of the stream, instead of flowpanel's own of that name or beside them; repeatable.",
      valueName: "name: value"), transform: headerArgument)
  var header: [OriginSettings.Header] = []

  @Option(
    help: ArgumentHelp(
      "One of Content-Type, Cache-Control, Connection and X-Accel-Buffering to leave out; repeatable.",
      valueName: "name"))
  var noHeader: [String] = []

  @Option(
    help: ArgumentHelp(
      "How the body is framed: chunked, for HTTP/1.1, as Node does; or close-delimited, always.", valueName: "framing"))
  var framing = OriginSettings.Framing.chunked

  @Option(
    help: ArgumentHelp("How long to wait with the answer, headers included.", valueName: "duration"),
    transform: durationArgument)
  var answerAfter: Duration?

  @Flag(help: "Never answer.")
  var noAnswer = false

  @Flag(help: "After 'ready', send an event that repeats the request, as ?echo=1 does; credentials are left out.")
  var echo = false

  @Flag(help: "Leave out the 'ready' event.")
  var noReady = false

  @Option(
    help: ArgumentHelp("The time between two heartbeats; 15s unless given.", valueName: "duration"),
    transform: durationArgument)
  var heartbeat: Duration?

  @Flag(help: "Send no heartbeats.")
  var noHeartbeat = false

  func validate() throws {
    if let name = noHeader.first(where: { OriginSettings.ownHeaders[$0.lowercased()] == nil }) {
      throw ValidationError(
        "--no-header \(name): expected Content-Type, Cache-Control, Connection or X-Accel-Buffering; no others are sent"
      )
    }
    if noHeartbeat, heartbeat != nil { throw ValidationError("--heartbeat and --no-heartbeat exclude each other") }
    if noAnswer, answerAfter != nil { throw ValidationError("--answer-after and --no-answer exclude each other") }
  }

  func apply(to settings: inout OriginSettings) {
    settings.status = status
    for name in noHeader {
      if let own = OriginSettings.ownHeaders[name.lowercased()] { settings[keyPath: own] = nil }
    }
    for header in header {
      if let own = OriginSettings.ownHeaders[header.name.lowercased()] {
        settings[keyPath: own] = header.value
      } else {
        settings.extraHeaders.append(header)
      }
    }
    settings.framing = framing
    settings.answering = noAnswer ? .never : answerAfter.map { .after($0) } ?? .immediately
    settings.echoesRequest = echo
    settings.sendsHandshake = !noReady
    settings.heartbeatInterval = noHeartbeat ? nil : heartbeat ?? settings.heartbeatInterval
  }
}

extension OriginSettings {
  /// The headers that flowpanel sends, by their names in lower case.
  fileprivate static var ownHeaders: [String: WritableKeyPath<OriginSettings, String?>] {
    [
      "content-type": \.contentType, "cache-control": \.cacheControl, "connection": \.connection,
      "x-accel-buffering": \.accelBuffering,
    ]
  }
}

/// `Name: value`.
private func headerArgument(_ text: String) throws -> OriginSettings.Header {
  let name = text.prefix { $0 != ":" }
  guard name.count < text.count, !name.isEmpty else {
    throw ValidationError("expected NAME: VALUE, as in 'X-Accel-Buffering: yes'")
  }
  return .init(name: String(name), value: String(text.dropFirst(name.count + 1).drop { $0 == " " }))
}

extension OriginSettings.Framing: ExpressibleByArgument {}
