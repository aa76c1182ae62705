/// What the admin config gives for `realtime` under each instance's own environment.
public struct ConfigFacts: Codable, Sendable, Equatable {
  /// The config file that was read; unseen with kind `missing` when none of `searched` exists.
  public var file: Observation<String>
  /// The paths that were tried, in order.
  public var searched: [String]
  /// The settings under each instance's environment, in the order of the manifest.
  public var instances: [InstanceRealtime]
  /// Every environment variable that the config reads, sorted by name.
  public var variables: [ConfigVariable]
  /// The project that the config belongs to; nil where nobody looked for one.
  public var project: Observation<ProjectFacts>?
  /// How a setting came about for each instance, where somebody asked.
  public var traces: [ConfigTrace]

  /// A config by file, with what it gives for each instance, the variables that it reads and the project around it.
  public init(
    file: Observation<String>, searched: [String], instances: [InstanceRealtime], variables: [ConfigVariable] = [],
    project: Observation<ProjectFacts>? = nil, traces: [ConfigTrace] = []
  ) {
    self.file = file
    self.searched = searched
    self.instances = instances
    self.variables = variables
    self.project = project
    self.traces = traces
  }

  /// Reads facts of this form, and older ones that know of no variables and no project.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    file = try container.decode(Observation<String>.self, forKey: .file)
    searched = try container.decode([String].self, forKey: .searched)
    instances = try container.decode([InstanceRealtime].self, forKey: .instances)
    variables = try container.decodeIfPresent([ConfigVariable].self, forKey: .variables) ?? []
    project = try container.decodeIfPresent(Observation<ProjectFacts>.self, forKey: .project)
    traces = try container.decodeIfPresent([ConfigTrace].self, forKey: .traces) ?? []
  }
}

/// The realtime settings that one instance would start with.
public struct InstanceRealtime: Codable, Sendable, Equatable {
  /// The instance's name.
  public var instance: String
  /// Why the config throws under this instance's environment, so that it does not start; nil where it does not throw.
  /// Where it does, every setting is unseen for that reason.
  public var failure: StartFailure?
  /// What may keep the config from starting although its settings are known; nil where nothing is known to.
  public var doubt: Unseen?
  /// By what the operator stated the driver that the config leaves undetermined: `--driver`, or a key of the manifest;
  /// nil where the config gives it.
  public var driverStatedBy: String?
  /// Whether the config gives `realtime` at all; flowpanel falls back to the memory driver where it does not.
  public var isSet: Evaluated<Bool>
  /// The driver's name as the config gives it; known names are `memory` and `redis`.
  public var driver: Evaluated<String>
  /// Where the redis driver would connect.
  public var redis: Evaluated<RedisAddress>
  /// What the text of the Redis URL is made of; nil where no URL is known.
  public var url: URLOrigin?
  /// The key prefix; nil where the config gives none.
  public var keyPrefix: Evaluated<String?>
  /// Whether `realtime` has a `tls` key with a value other than `undefined`; nil where nobody looked.
  public var tls: Evaluated<Bool>?

  /// One instance's settings; what is newer than the first form of these facts may be left out.
  public init(
    instance: String, failure: StartFailure? = nil, isSet: Evaluated<Bool>, driver: Evaluated<String>,
    redis: Evaluated<RedisAddress>, url: URLOrigin? = nil, keyPrefix: Evaluated<String?>, tls: Evaluated<Bool>? = nil
  ) {
    self.instance = instance
    self.failure = failure
    self.isSet = isSet
    self.driver = driver
    self.redis = redis
    self.url = url
    self.keyPrefix = keyPrefix
    self.tls = tls
  }
}

/// Why the config throws before it has given any settings.
public struct StartFailure: Codable, Sendable, Equatable {
  /// What it throws, in words; no text that came from a variable is in it.
  public var message: String
  /// Where it throws.
  public var location: Location?
  /// The variables that decided it, sorted by name.
  public var variables: [VariableUse]

  /// A failure in words, with its place and what decided it.
  public init(message: String, location: Location? = nil, variables: [VariableUse] = []) {
    self.message = message
    self.location = location
    self.variables = variables
  }
}

/// What the text of a Redis URL is made of.
public struct URLOrigin: Codable, Sendable, Equatable {
  /// Whether all of its text stands in the file: no variable's text is in it.
  public var isWrittenInFile: Bool
  /// Whether it holds a password.
  public var holdsPassword: Bool
  /// The variables whose text is in it, sorted by name.
  public var variables: [String]

  /// The make-up of a URL.
  public init(isWrittenInFile: Bool, holdsPassword: Bool, variables: [String] = []) {
    self.isWrittenInFile = isWrittenInFile
    self.holdsPassword = holdsPassword
    self.variables = variables
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
