/// What the admin config gives for `realtime` under each instance's own environment.
public struct ConfigFacts: Codable, Sendable, Equatable {
  /// The config file that was read; unseen with kind `missing` when none of `searched` exists.
  public var file: Observation<String>
  /// The paths that were tried, in order.
  public var searched: [String]
  /// The settings under each instance's environment, in the order of the manifest.
  public var instances: [InstanceRealtime]

  /// A config by file, with what it gives for each instance.
  public init(file: Observation<String>, searched: [String], instances: [InstanceRealtime]) {
    self.file = file
    self.searched = searched
    self.instances = instances
  }
}

/// The realtime settings that one instance would start with.
public struct InstanceRealtime: Codable, Sendable, Equatable {
  /// The instance's name.
  public var instance: String
  /// Whether the config gives `realtime` at all; flowpanel falls back to the memory driver where it does not.
  public var isSet: Evaluated<Bool>
  /// The driver's name as the config gives it; known names are `memory` and `redis`.
  public var driver: Evaluated<String>
  /// Where the redis driver would connect.
  public var redis: Evaluated<RedisAddress>
  /// The key prefix; nil where the config gives none.
  public var keyPrefix: Evaluated<String?>

  /// One instance's settings.
  public init(
    instance: String, isSet: Evaluated<Bool>, driver: Evaluated<String>, redis: Evaluated<RedisAddress>,
    keyPrefix: Evaluated<String?>
  ) {
    self.instance = instance
    self.isSet = isSet
    self.driver = driver
    self.redis = redis
    self.keyPrefix = keyPrefix
  }
}

/// Where a Redis URL leads, without its credentials.
public enum RedisAddress: Codable, Sendable, Equatable {
  /// No URL: the key is absent, or its value is `undefined` or `null`.
  case none
  /// The URL is the empty string.
  case empty
  /// A URL that names a server.
  case endpoint(RedisEndpoint)
  /// Text that is not a Redis URL, and why.
  case malformed(reason: String)
}
