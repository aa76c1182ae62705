/// What a faulty proxy does to the streams that go through it. The defaults are nginx's before 1.29.7 where nothing tells it
/// to stream: HTTP/1.0 to the upstream, and pages of 4 KiB.
public struct FaultyProxySettings: Sendable, Equatable {
  /// The address to listen on.
  public var host = "127.0.0.1"
  /// The port to listen on; 0 takes a free one.
  public var port = 0
  /// The ports on 127.0.0.1 that requests go to, in turn.
  public var upstreamPorts: [Int]
  /// How many bytes of a body are waited for before they are passed on, and with the first of them the headers; 0 passes
  /// everything on as it comes.
  public var withheldBytes = 4096
  /// How long the upstream may say nothing before its response is cut, and what is withheld of it lost; nil for ever.
  public var readTimeout: Duration?

  /// The most bytes that are withheld.
  public static let maximumWithheldBytes = 1 << 20

  /// A proxy in front of these ports.
  public init(upstreamPorts: [Int]) {
    self.upstreamPorts = upstreamPorts
  }

  /// Refuses what could not be done.
  func validate() throws(OriginFailure) {
    for port in upstreamPorts + [port] where !(0...65535).contains(port) {
      throw .unusable(setting: "port", reason: "\(port) is no port; give 0 to 65535, 0 for a free one")
    }
    guard !upstreamPorts.isEmpty, !upstreamPorts.contains(0) else {
      throw .unusable(setting: "upstreamPorts", reason: "a proxy needs a port from 1 on to pass requests on to")
    }
    guard (0...Self.maximumWithheldBytes).contains(withheldBytes) else {
      throw .unusable(
        setting: "withheldBytes", reason: "\(withheldBytes) bytes; give 0 to \(Self.maximumWithheldBytes)")
    }
    if let readTimeout, readTimeout < .milliseconds(1) {
      throw .unusable(setting: "readTimeout", reason: "\(readTimeout) is too short; give 1ms or more")
    }
  }
}
