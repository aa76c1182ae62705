import ArgumentParser
import ReferenceOrigin

/// The options on a faulty proxy in front of an origin.
struct OriginProxyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Hold the response back, headers included, until so many bytes of it have come; nginx' pages have 4096.",
      valueName: "bytes"))
  var withhold: Int?

  @Option(
    help: ArgumentHelp(
      "Cut a stream that is silent for so long, and lose what is held back; nginx does after 60s.",
      valueName: "duration"), transform: durationArgument)
  var cutAfter: Duration?

  /// The proxy that was asked for; nil for none.
  func settings(at place: OriginPlaceOptions) -> FaultyProxySettings? {
    guard withhold != nil || cutAfter != nil else { return nil }
    var settings = FaultyProxySettings(upstreamPorts: [])
    settings.host = place.host
    settings.port = place.port
    settings.withheldBytes = withhold ?? 0
    settings.readTimeout = cutAfter
    return settings
  }
}
