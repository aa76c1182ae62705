import ArgumentParser
import Doctor
import Facts

/// `flowpanel-doctor fanout`: one event in, every instance out.
struct FanOutCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fanout",
    abstract: "Publish an event, and see whether it comes out of every instance and every public URL.",
    discussion: """
      Streams are opened at each instance and, several times, at each public URL, all on a channel that nobody else has; \
      Redis is asked who is subscribed, and what is published is seen to arrive or not. Where it does not, the report says \
      which instance is deaf and why. Nothing is written but messages on that channel.

      EXAMPLES
        flowpanel-doctor fanout
        flowpanel-doctor fanout --manifest deploy/flowpanel-doctor.yaml --format json
        flowpanel-doctor fanout --watch --for 10m
        flowpanel-doctor fanout --redis-variable REDIS_URL --direct web-1=http://10.0.0.5:3000 \
          --direct web-2=http://10.0.0.6:3000 https://admin.example.com
      """)

  @Argument(help: "A public http or https URL, instead of the manifest's; one without a path gets the stream path.")
  var url: [String] = []

  @Option(
    help: ArgumentHelp(
      "How many streams to open at each public URL; unless given, seven for each instance, 40 at most; two and 8 for redis-streams.",
      valueName: "number"))
  var connections: Int?

  @Option(
    help: ArgumentHelp(
      "How many messages to publish at once in the end, to see whether any is lost; 0 for none.", valueName: "number"))
  var burst = FanOutInputs().burst

  @Flag(
    help: ArgumentHelp(
      """
      Publish on a channel that the application has fixed: whoever is on it sees that. For redis-streams, write a stream \
      of this run's own where there is no event to go on from, and delete it. For flock, join a room of this run's own, \
      twice at each URL, and leave it.
      """))
  var intrusive = false

  @Option(
    help: ArgumentHelp(
      "That channel's name in Redis, for testplanit: notifications:tenant:default:user:42.", valueName: "name"))
  var channel: String?

  @Option(help: ArgumentHelp("A variable with the key that flock demands of those who join.", valueName: "name"))
  var apiKeyVariable: String?

  @Option(help: ArgumentHelp("A file whose first line is that key.", valueName: "file"))
  var apiKeyFile: String?

  @OptionGroup var rollout: RolloutOptions
  @OptionGroup var publishing: PublishingOptions
  @OptionGroup var way: WayOptions
  @OptionGroup var stream: StreamOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func validate() throws {
    for text in url {
      if let problem = streamURLProblem(text) { throw ValidationError(problem) }
    }
    if let connections, !(1...FanOutInputs.maximumConnections).contains(connections) {
      throw ValidationError("--connections takes a number from 1 to \(FanOutInputs.maximumConnections)")
    }
    if !(0...FanOutInputs.maximumBurst).contains(burst) {
      throw ValidationError("--burst takes a number from 0 to \(FanOutInputs.maximumBurst)")
    }
    let mayWrite = [nil, .redisStreams, .flock].contains(input.system)
    if intrusive ? channel == nil && !mayWrite : channel != nil {
      throw ValidationError(
        "--intrusive and --channel go together: what is published on an application's own channel, its users' browsers get"
      )
    }
    if channel != nil, input.system == .flock {
      throw ValidationError("flock has no channel to publish on: --intrusive joins a room; it takes no --channel")
    }
    if apiKeyVariable != nil, apiKeyFile != nil {
      throw ValidationError("--api-key-variable and --api-key-file name one key each")
    }
    if input.system == .testplanit, channel == nil {
      throw ValidationError(
        "testplanit's channels are those of real users: say on whose to publish, as in --intrusive --channel "
          + "notifications:tenant:default:user:42")
    }
    if stream.cells != nil { throw ValidationError("fanout asks as a browser does; it takes no --cells") }
    if rollout.watch, intrusive || !way.via.isEmpty || input.timeout != nil || burst != FanOutInputs().burst {
      throw ValidationError("--watch takes no --burst, --channel, --intrusive, --timeout and --via; --for ends it")
    }
    if stream.lastEventID != nil { throw ValidationError("fanout takes no --last-event-id") }
  }

  func run() async throws {
    if rollout.watch {
      try await rollout.run(input, connections: connections, reporting: output) { try inputs() }
    }
    try await input.run(reporting: output) {
      var inputs = try self.inputs()
      inputs.redis.isIntrusive = intrusive && channel == nil
      var fanOut = FanOutInputs()
      fanOut.connections = connections
      fanOut.burst = burst
      fanOut.fixedChannel = channel
      inputs.fanOut = fanOut
      inputs.isFanOut = true
      return inputs
    }
  }

  private func inputs() throws -> RunInputs {
    var inputs = try input.inputs(on: RunInputs.everything)
    inputs.stream = try stream.inputs(in: inputs.environment)
    inputs.stream.cells = .browser
    if let apiKeyVariable {
      inputs.stream.apiKey = try secretVariable(apiKeyVariable, in: inputs.environment, what: "the API key")
    } else if let apiKeyFile {
      inputs.stream.apiKey = try readSecretLine(apiKeyFile, what: "the file with the API key")
    }
    inputs.stream.urls = url
    inputs.stream.viaURLs = way.via
    inputs.stream.directURLs = way.directURLs
    inputs.redis.isActive = true
    inputs.redisURLs = try publishing.urls(in: inputs.environment)
    return inputs
  }
}
