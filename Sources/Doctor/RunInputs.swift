import Checks
public import Diagnosis
public import Facts

/// What the command line and the process give a run.
public struct RunInputs: Sendable {
  /// What the run is about; the checks on these topics are judged.
  public var topics: Set<FactTopic>
  /// What the command line narrows: what no check that is left would read is not probed.
  public var rules = JudgingRules()
  /// The system that was named; it wins over the manifest's.
  public var system: System?
  /// The manifest that was named; nil to look for one from the working folder upwards.
  public var manifestPath: String?
  /// The config file or folder that was named; it wins over the manifest's.
  public var configPath: String?
  /// Instances by name and where their environment is read; they win over the manifest's.
  public var instances: [(name: String, place: EnvironmentPlace)] = []
  /// The file that lists the variables an instance needs, such as `.env.example`; it wins over the manifest's.
  public var examplePath: String?
  /// The name of the one instance that a run without instances looks at, this process, whatever the manifest names; nil
  /// for the manifest's instances.
  public var ownName: String?
  /// The key of fingerprints that are compared with those of other runs; nil for one of this run's own.
  public var fingerprintKey: Secret?
  /// Where instances publish what they run under; nil where that is not asked for.
  public var rendezvous: RendezvousInputs?
  /// The snapshot of an earlier deploy that this one is held against; nil for none.
  public var baselinePath: String?
  /// What came on standard input, for the one instance that reads it there.
  public var standardInput = Secret("")
  /// Redis URLs that were named; they win over what the config and the manifest say.
  public var redisURLs: [Secret] = []
  /// How streams are opened.
  public var stream = StreamInputs()
  /// What is done to see whom an event reaches; nil where that is not asked for.
  public var fanOut: FanOutInputs?
  /// Whether the run is about that alone.
  public var isFanOut = false
  /// A PEM file with the certificate authorities to trust; it wins over the manifest's.
  public var caFile: String?
  /// What the command line says of Redis; it wins over the manifest's.
  public var redis = RedisInputs()
  /// The realtime driver where the config leaves it undetermined; it wins over the manifest's.
  public var driver: RealtimeDriver?
  /// A setting of the config whose making is shown, from the config's root on: `realtime.url`.
  public var trace: String?
  /// How long the whole run may take; it wins over the manifest's.
  public var timeout: Duration?
  /// The environment of this process.
  public var environment: [String: Secret]

  /// The inputs of a run on some topics; everything else is looked for in its usual place.
  public init(topics: Set<FactTopic>, environment: [String: Secret]) {
    self.topics = topics
    self.environment = environment
  }

  /// The topics that `check` looks at.
  public static let everything: Set<FactTopic> = [.config, .environment, .redis, .stream]

  /// The topics that the checks of this run read.
  var neededTopics: Set<FactTopic> {
    let checks = Catalogue.all.map { $0.card }.filter { card in
      topics.contains { $0.checkTopics.contains(card.topic) } && rules.exclusion(of: card.id) == nil
    }
    return checks.reduce(into: []) { $0.formUnion($1.needs) }
  }
}
