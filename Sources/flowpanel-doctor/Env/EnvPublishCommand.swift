import ArgumentParser
import Doctor

/// `flowpanel-doctor env publish`: this instance's environment as fingerprints, through Redis, for the gate.
struct EnvPublishCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "publish",
    abstract: "Publish this instance's fingerprints through Redis, for 'env gate'.",
    discussion: """
      Meant for an instance's start, before its server. Names and keyed fingerprints are written under keys that expire, \
      and no value. Redis is the one of --url-variable or --url-file, else the one that the system's own variable holds.

      EXAMPLES
        flowpanel-doctor env publish --hmac-key-file /run/secrets/doctor.key --deploy "$RELEASE"
        flowpanel-doctor env publish --hmac-key-variable DOCTOR_KEY --deploy v42 --name "$POD_NAME" --ttl 6h
      """)

  @OptionGroup var instance: OwnInstanceOptions
  @OptionGroup var rendezvous: RendezvousOptions
  @OptionGroup var redis: RedisOptions

  @Option(
    help: ArgumentHelp("How long it holds: 15m, 1h; the gate takes what is older for stale.", valueName: "duration"),
    transform: durationArgument)
  var ttl: Duration = .seconds(3600)

  @Flag(name: .shortAndLong, help: "Say nothing when all went well.")
  var quiet = false

  func validate() throws {
    guard instance.count <= 1 else {
      throw ValidationError("one instance publishes itself: give one NAME=PLACE, or --name, or neither")
    }
  }

  func run() async throws {
    var inputs = try instance.inputs(takesManifests: false)
    inputs.redis = redis.inputs
    inputs.rendezvous = try rendezvous.inputs(timeToLive: ttl)
    do {
      let said = try await publish(inputs, interruption: interruption())
      if !quiet { Console.talk(said) }
    } catch let failure as PublishingFailure {
      Console.talk("error: \(failure.sentence)")
      throw RunStatus(code: .undetermined)
    }
  }
}
