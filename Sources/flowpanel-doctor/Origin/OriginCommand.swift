import ArgumentParser
import Doctor
import ReferenceOrigin

/// `flowpanel-doctor origin`: an event stream to rehearse with.
struct OriginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "origin",
    abstract: "Serve an event stream like flowpanel's, to point a proxy at and rehearse.",
    discussion: """
      Prints the stream's URL and serves until Ctrl-C. What is posted to
      /api/flowpanel/publish?channel=resource.users reaches the streams of that channel.

      EXAMPLES
        An instance of flowpanel with a Redis:
          flowpanel-doctor origin --port 3001 --url redis://127.0.0.1:6379
        Numbered events, one a second, the last one marked:
          flowpanel-doctor origin --event-interval 1s --events 60
        One that does not ask nginx to stream:
          flowpanel-doctor origin --no-header X-Accel-Buffering
        One that falls silent after its fifth event:
          flowpanel-doctor origin --event-interval 1s --silence 5=90s
        One behind a proxy that holds bytes back:
          flowpanel-doctor origin --event-interval 1s --withhold 4096
      """)

  @OptionGroup(title: "Where") var place: OriginPlaceOptions
  @OptionGroup(title: "The answer") var answer: OriginAnswerOptions
  @OptionGroup(title: "Numbered events") var events: OriginEventOptions
  @OptionGroup(title: "Channels") var channels: OriginChannelOptions
  @OptionGroup(title: "A faulty proxy in front") var front: OriginProxyOptions

  func run() async throws {
    var settings = OriginSettings()
    place.apply(to: &settings)
    answer.apply(to: &settings)
    events.apply(to: &settings)
    try channels.apply(to: &settings)
    let origin: ReferenceOrigin
    let proxy: FaultyProxy?
    do {
      try settings.validate()
      var front = front.settings(at: place)
      if front != nil { (settings.host, settings.port) = ("127.0.0.1", 0) }
      origin = try await ReferenceOrigin.start(settings) { Console.talk($0) }
      front?.upstreamPorts = [origin.port]
      proxy = if let front { try await FaultyProxy.start(front) } else { nil }
    } catch OriginFailure.unusable(let setting, let reason) {
      throw ValidationError("\(Self.options[setting] ?? setting) can't be used: \(reason)")
    } catch let failure as OriginFailure {
      Console.talk("error: \(failure)")
      throw RunStatus(code: .usage)
    }
    if !place.isLoopback {
      Console.talk("listening on \(place.host): whoever reaches it can open streams and publish, without a password")
    }
    Console.write("\(proxy.map { $0.url + place.path } ?? origin.url)\n")
    for await _ in interruption() { break }
    await proxy?.stop()
    await origin.stop()
    throw RunStatus(code: .interrupted)
  }

  /// The options that settings come from.
  private static let options = [
    "port": "--port", "path": "--path", "status": "--status", "contentType": "--header", "cacheControl": "--header",
    "connection": "--header", "accelBuffering": "--header", "extraHeaders": "--header",
    "heartbeatInterval": "--heartbeat", "eventInterval": "--event-interval", "burst": "--burst",
    "dataSize": "--data-size", "eventCount": "--events", "silences": "--silence", "fanOut": "the Redis URL",
    "fanOutFault": "--fault",
    "keyPrefix": "--key-prefix", "withheldBytes": "--withhold", "readTimeout": "--cut-after",
  ]
}
