public import Facts

/// The driver by which an origin's streams get what is published.
public enum OriginFanOut: Sendable, Equatable {
  /// Within this process: what another one publishes does not arrive.
  case memory
  /// Through a Redis.
  case redis(OriginRedis)
}

/// A Redis that an origin subscribes and publishes at, over plain TCP.
public struct OriginRedis: Sendable, Equatable {
  /// Where it is.
  public var endpoint: RedisEndpoint
  /// The ACL user; nil for the default user.
  public var username: Secret?
  /// The password; nil where none is given.
  public var password: Secret?
  /// After how many connections in vain what waits fails (ioredis' maxRetriesPerRequest); nil for never.
  public var triesPerCommand: Int? = 20

  /// A Redis; unless it is named, that of this machine: there ioredis connects without a URL, and flowpanel as it was
  /// published in May 2026 says nothing of it.
  public init(
    endpoint: RedisEndpoint = RedisEndpoint(host: "127.0.0.1"), username: Secret? = nil, password: Secret? = nil
  ) {
    self.endpoint = endpoint
    self.username = username
    self.password = password
  }
}

extension OriginSettings {
  func validateFanOut() throws(OriginFailure) {
    if let keyPrefix, keyPrefix.utf8.count > 128 || keyPrefix.utf8.contains(where: { $0 < 0x21 || $0 == 0x7F }) {
      throw .unusable(setting: "keyPrefix", reason: "it may have 128 bytes, and no blanks or control characters")
    }
    guard case .redis(let redis) = fanOut else {
      guard fanOutFault == nil else {
        throw .unusable(setting: "fanOutFault", reason: "it is a fault of the fan-out over Redis; name a Redis, too")
      }
      return
    }
    if case .loses(every: ..<1) = fanOutFault {
      throw .unusable(setting: "fanOutFault", reason: "one message in so many is lost; give 1 or more")
    }
    if redis.endpoint.usesTLS || redis.endpoint.isUnixSocket || redis.endpoint.isMasterName {
      throw .unusable(
        setting: "fanOut", reason: "\(redis.endpoint) is not reached over plain TCP; give redis://host:port/database")
    }
  }
}
