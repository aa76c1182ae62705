public import Diagnosis
public import Facts
public import InstanceEnvironment

/// What `flowpanel-doctor.yaml` asks for. Paths in it are already resolved against the manifest's folder; none of the
/// files that it names has been read.
public struct Manifest: Sendable, Equatable {
  /// The file's name, looked for from the current folder upwards.
  public static let fileName = "flowpanel-doctor.yaml"

  /// One running copy of the application.
  public struct Instance: Sendable, Equatable {
    /// The name, unique in the manifest.
    public var name: Located<String>
    /// Where its environment variables are read; nil where the manifest does not say.
    public var environment: EnvironmentSource?
    /// The stream URL that reaches it directly, complete with the stream's path.
    public var streamURL: Located<String>?
  }

  /// Where an instance's environment variables are read.
  public enum EnvironmentSource: Sendable, Equatable {
    /// `.env` files or another place.
    case place(Located<EnvironmentPlace>)
    /// The environment that Next.js loads in this folder.
    case next(folder: Located<String>, mode: NextMode)
    /// The environment of this process.
    case process(Location)
  }

  /// What the operator says of the realtime settings, for what the config leaves undetermined.
  public struct Realtime: Sendable, Equatable {
    /// The driver.
    public var driver: RealtimeDriver
    /// The environment variable of each instance that holds the Redis URL.
    public var variable: String?
    /// The key prefix.
    public var keyPrefix: String?
  }

  /// Where a value is read that the manifest must not hold itself.
  public enum SecretSource: Sendable, Equatable {
    /// The variable of this name in the environment of this process.
    case variable(String)
    /// The first line of this file.
    case file(String)
  }

  /// Where a URL is read that may hold credentials.
  public enum GuardedURL: Sendable, Equatable {
    /// The manifest gives it, without user name and password.
    case inline(String)
    /// Elsewhere, since it may hold credentials.
    case secret(SecretSource)
  }

  /// The Redis that the operator names, beside those that the instances use.
  public struct Redis: Sendable, Equatable {
    /// Its URL.
    public var url: Located<GuardedURL>?
    /// Certificate authorities to trust instead of the system's, a PEM file.
    public var caFile: Located<String>?
    /// The certificate that is shown to Redis, a PEM file.
    public var certificateFile: Located<String>?
    /// That certificate's key, a PEM file.
    public var keyFile: Located<String>?
    /// The name that Redis is asked for over TLS instead of the host's.
    public var serverName: String?
    /// The file that starts Redis: its redis.conf, or one with its command line.
    public var startedBy: Located<String>?
  }

  /// How event streams are opened.
  public struct Stream: Sendable, Equatable {
    /// The path of the stream under URLs that have none; nil where neither the manifest nor the system gives one.
    public var path: String?
    /// Certificate authorities to trust instead of the system's, a PEM file.
    public var caFile: Located<String>?
    /// The certificate that is shown to servers, a PEM file.
    public var certificateFile: Located<String>?
    /// That certificate's key, a PEM file.
    public var keyFile: Located<String>?
    /// The proxy on this machine's side through which servers are reached.
    public var proxy: Located<GuardedURL>?
    /// The origin of the page that the streams are for.
    public var origin: String?
    /// Headers to send, in order.
    public var headers: [Located<Header>] = []
  }

  /// A request header whose value is read elsewhere.
  public struct Header: Sendable, Equatable {
    /// The header's name.
    public var name: String
    /// Where its value is read.
    public var source: SecretSource
  }

  /// What the operator decided about one check.
  public struct CheckOverride: Sendable, Equatable {
    /// The check's id.
    public var check: String
    /// The severity that its findings get instead of the card's.
    public var severity: Severity?
    /// Whether its findings are suppressed.
    public var isSuppressed: Bool
    /// Why, in the operator's words.
    public var reason: String
  }

  /// The manifest's own path.
  public var path: String
  /// Which of the known systems runs here.
  public var system: System = .flowpanel
  /// The admin config, a file or a folder.
  public var config: Located<String>?
  /// What the operator says of the realtime settings.
  public var realtime: Located<Realtime>?
  /// How long the whole run may take.
  public var timeout: Located<Duration>?
  /// The instances, in order.
  public var instances: [Instance] = []
  /// The stream URLs that browsers use, complete with the stream's path.
  public var publicURLs: [Located<String>] = []
  /// Stream URLs further along the way to the instances, in the order from the browser on, complete with the stream's
  /// path.
  public var viaURLs: [Located<String>] = []
  /// The Redis that the operator names.
  public var redis = Redis()
  /// How event streams are opened.
  public var stream = Stream()
  /// What holds for environment variables.
  public var variables = VariableRules()
  /// The file that lists the variables an instance needs, such as `.env.example`.
  public var example: Located<String>?
  /// What the operator decided about checks, in the order of the manifest.
  public var checks: [Located<CheckOverride>] = []
}

/// A value and where it stands.
public struct Located<Value: Sendable & Equatable>: Sendable, Equatable {
  /// The value.
  public var value: Value
  /// Where it stands.
  public var location: Location

  /// A value at a place.
  public init(_ value: Value, at location: Location) {
    self.value = value
    self.location = location
  }
}
