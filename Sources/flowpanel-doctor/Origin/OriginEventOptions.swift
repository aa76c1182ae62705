import ArgumentParser
import ReferenceOrigin

/// The options on an origin's numbered events.
struct OriginEventOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The time between two numbered events; none are sent without it.", valueName: "duration"),
    transform: durationArgument)
  var eventInterval: Duration?

  @Flag(help: "Send them as fast as the client reads.")
  var firehose = false

  @Option(help: ArgumentHelp("How many to send at once.", valueName: "number"))
  var burst: Int?

  @Option(help: ArgumentHelp("The number of the last one, after which the stream ends.", valueName: "number"))
  var events: Int?

  @Option(
    help: ArgumentHelp(
      "How it ends: clean; cut, without a final chunk; reset; never, with heartbeats alone.", valueName: "ending"))
  var end: OriginSettings.Ending?

  @Option(help: ArgumentHelp("The bytes of each one's data; about a hundred unless given.", valueName: "bytes"))
  var dataSize: Int?

  @Option(
    help: ArgumentHelp("What the data is filled with: words; or random, which does not compress.", valueName: "kind"))
  var filling: OriginSettings.Filling?

  @Option(
    help: ArgumentHelp(
      "A time without a byte, heartbeats included, after an event, 0 being the opening; repeatable.",
      valueName: "number=duration"), transform: silenceArgument)
  var silence: [OriginSettings.Silence] = []

  func validate() throws {
    let hasEvents = eventInterval != nil || firehose
    for (option, isGiven) in [
      ("--burst", burst != nil), ("--data-size", dataSize != nil), ("--events", (events ?? 0) > 0),
      ("--silence after an event", silence.contains { $0.afterEvent > 0 }),
    ] where isGiven && !hasEvents {
      throw ValidationError("\(option) needs numbered events: --event-interval 1s, or --firehose")
    }
    if firehose, eventInterval != nil || burst != nil {
      throw ValidationError("--firehose waits for nothing; leave --event-interval and --burst out")
    }
    if end != nil, events == nil { throw ValidationError("--end needs --events NUMBER, or the stream never ends") }
    if filling != nil, dataSize == nil { throw ValidationError("--filling needs --data-size BYTES") }
  }

  func apply(to settings: inout OriginSettings) {
    settings.eventInterval = eventInterval
    settings.sendsAsFastAsRead = firehose
    settings.burst = burst ?? 1
    settings.eventCount = events
    settings.ending = end ?? .clean
    settings.dataSize = dataSize ?? 0
    settings.filling = filling ?? .words
    settings.silences = silence
  }
}

/// `5=90s`.
private func silenceArgument(_ text: String) throws -> OriginSettings.Silence {
  let number = text.prefix { $0 != "=" }
  guard number.count < text.count, let event = Int(number), event >= 0 else {
    throw ValidationError("expected NUMBER=DURATION, as in 5=90s for 90 seconds after the fifth event")
  }
  return .init(afterEvent: event, duration: try durationArgument(String(text.dropFirst(number.count + 1))))
}

extension OriginSettings.Ending: ExpressibleByArgument {}
extension OriginSettings.Filling: ExpressibleByArgument {}
