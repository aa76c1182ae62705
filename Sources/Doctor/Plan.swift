import Diagnosis
import Facts
import InstanceEnvironment
import RedisProbe
import StreamProbe

/// What a run will look at: the manifest, the command line and the defaults put together, before any probe begins.
struct Plan: Sendable {
  /// Where an instance's environment is to be read.
  enum EnvironmentSource: Sendable, Equatable {
    case place(EnvironmentPlace, namedAt: Location?)
    case next(folder: String, mode: NextMode, namedAt: Location?)
    case thisProcess
    case notGiven
  }

  /// One instance with the source of its environment.
  struct Instance: Sendable {
    var name: String
    var environment: EnvironmentSource
    var directURL: String?
    var location: Location?
  }

  /// A Redis server that the operator named, beside those that the instances would use.
  struct NamedRedis: Sendable {
    var url: Secret
    var location: Location?
  }

  var system = System.flowpanel
  var manifest: String?
  /// The config file, or the folder to look for it in.
  var configPath: String
  /// What the operator says of the realtime settings, for what the config leaves open.
  var realtime: StatedRealtime?
  var instances: [Instance]
  var namedRedis: [NamedRedis] = []
  /// Whether the command line named the Redis servers, so that the instances' own are not asked for.
  var isRedisNamedAlone = false
  var streams: [StreamTarget] = []
  var publicURLs: [String] = []
  var redisCAFile: String?
  /// What the file that starts Redis sets; nil where none was named.
  var redisStart: Deployment.RedisStart?
  var redis = RedisInputs()
  var streamInputs = StreamInputs()
  /// Whether something is to be published for the streams to bring.
  var drivesStreams = false
  /// Whether streams are asked for what follows an event, where the system brings that.
  var replaysStreams = false
  /// Whether a room is to be joined, where the system has rooms.
  var joinsRooms = false
  /// What is done to see whom an event reaches; nil where that was not asked for.
  var fanOut: FanOutInputs?
  /// The manifest's instances that the command line names others instead of.
  var leftOut: [String] = []
  var variables = VariableRules()
  /// The secrets that `.env.example` gives as samples, by name.
  var samples: [String: Secret] = [:]
  var overrides: [String: JudgingRules.Override] = [:]
  var timeout: Duration

  /// How long a run may take unless told otherwise.
  static let defaultTimeout = Duration.seconds(30)
  /// The name of the one instance that a run without a manifest looks at.
  static let thisProcessName = Deployment.thisProcess
}

extension Plan {
  /// What the facts say of the plan.
  var deployment: Deployment {
    var deployment = Deployment(
      system: system, manifest: manifest,
      instances: instances.map { instance in
        Deployment.Instance(
          name: instance.name, directURL: instance.directURL.map(redactedURL), location: instance.location)
      },
      publicURLs: publicURLs.map(redactedURL), variables: variables)
    deployment.redisStart = redisStart
    deployment.leftOut = leftOut.isEmpty ? nil : leftOut
    return deployment
  }
}
