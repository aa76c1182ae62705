extension OriginSettings {
  /// The most bytes of one event's data, and of all events that are sent at once.
  public static let maximumDataSize = 1 << 20
  /// The most bytes that are sent at once.
  public static let maximumBurstSize = 16 << 20

  /// Refuses what could not be answered as it was asked for.
  public func validate() throws(OriginFailure) {
    guard (0...65535).contains(port) else {
      throw .unusable(setting: "port", reason: "\(port) is no port; give 0 to 65535, 0 for a free one")
    }
    guard path.hasPrefix("/"), !path.contains("?"), path.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) else {
      throw .unusable(
        setting: "path", reason: "\"\(path)\" must begin with a slash, have no query and be percent-encoded")
    }
    guard (200...599).contains(status) else {
      throw .unusable(setting: "status", reason: "\(status) is no final status; give 200 to 599")
    }
    try validateHeaders()
    try validateEvents()
    try validateFanOut()
  }

  private func validateHeaders() throws(OriginFailure) {
    let headers = [
      ("contentType", contentType), ("cacheControl", cacheControl), ("connection", connection),
      ("accelBuffering", accelBuffering),
    ]
    for (setting, value) in headers + extraHeaders.map({ ("extraHeaders", $0.value) }) {
      // RFC 9110 section 5.5: a field value has no control bytes, a line end least of all.
      guard let value, value.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { continue }
      throw .unusable(setting: setting, reason: "a header's value cannot have control characters")
    }
    for header in extraHeaders {
      guard !header.name.isEmpty, header.name.utf8.allSatisfy(isTokenCharacter) else {
        throw .unusable(
          setting: "extraHeaders", reason: "\"\(header.name)\" is no header's name; it has letters, digits and hyphens")
      }
      guard !["content-length", "transfer-encoding"].contains(header.name.lowercased()) else {
        throw .unusable(
          setting: "extraHeaders",
          reason: "\(header.name) says where the body ends; the framing is a setting of its own")
      }
    }
  }

  private func validateEvents() throws(OriginFailure) {
    var durations = [("heartbeatInterval", heartbeatInterval), ("eventInterval", eventInterval)]
    durations += silences.map { ("silences", $0.duration) }
    for (setting, duration) in durations {
      guard let duration, duration < .milliseconds(1) else { continue }
      throw .unusable(setting: setting, reason: "\(duration) is too short; give 1ms or more")
    }
    guard (0...Self.maximumDataSize).contains(dataSize) else {
      throw .unusable(setting: "dataSize", reason: "\(dataSize) bytes; give 0 to \(Self.maximumDataSize)")
    }
    guard (1...Self.maximumBurstSize / max(dataSize, 256)).contains(burst) else {
      throw .unusable(
        setting: "burst", reason: "\(burst) events; give 1 or more, and at most 16 MiB at once")
    }
    if let eventCount, eventCount < 0 {
      throw .unusable(setting: "eventCount", reason: "\(eventCount); give 0 or more")
    }
    if silences.contains(where: { $0.afterEvent < 0 }) {
      throw .unusable(setting: "silences", reason: "no event has a number below 0")
    }
  }
}

/// RFC 9110 section 5.6.2.
private func isTokenCharacter(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
  default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
  }
}
