import Facts
import RedisProbe
import Transport

/// How Redis is reached, and what may be done to it.
public struct RedisInputs: Sendable, Equatable {
  /// A PEM file with the certificate that is shown to Redis; nil for none.
  public var certificateFile: String?
  /// A PEM file with that certificate's key; nil where it is in the same file.
  public var keyFile: String?
  /// The name that Redis is asked for over TLS and its certificate is held against, instead of the URL's host.
  public var serverName: String?
  /// A SOCKS proxy on the way, `host:port`; nil for none.
  public var socks: String?
  /// Whether to publish on a channel of our own.
  public var isActive = false
  /// Whether to write a key of our own that expires.
  public var isIntrusive = false

  /// Nothing beyond what a URL says.
  public init() {}

  /// The same with what is not said here as the manifest says it.
  func over(_ manifest: Manifest.Redis?) -> RedisInputs {
    var inputs = self
    inputs.certificateFile = certificateFile ?? manifest?.certificateFile?.value
    inputs.keyFile = keyFile ?? (certificateFile == nil ? manifest?.keyFile?.value : nil)
    inputs.serverName = serverName ?? manifest?.serverName
    return inputs
  }
}

extension Plan {
  /// A probe of the system's Redis.
  func redisProbe(keyPrefix: Observation<String?>) -> RedisProbe {
    var probe = RedisProbe(
      tls: TLSOptions(
        caFile: redisCAFile, certificateFile: redis.certificateFile, keyFile: redis.keyFile,
        serverName: redis.serverName))
    probe.proxy = redis.socks
    probe.system = system
    probe.keyPrefix = keyPrefix
    probe.isActive = redis.isActive
    probe.isIntrusive = redis.isIntrusive
    return probe
  }
}
