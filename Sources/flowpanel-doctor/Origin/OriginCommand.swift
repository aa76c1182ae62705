import ArgumentParser
import Doctor
import ReferenceOrigin

/// `flowpanel-doctor origin`: an event stream to rehearse with.
struct OriginCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "origin",
    abstract: "Serve an event stream like flowpanel's, to point a proxy at and rehearse.",
    discussion: """
      Prints the stream's URL and serves until Ctrl-C. Listens on loopback unless told otherwise.

      EXAMPLES
        flowpanel-doctor origin --port 3001
        flowpanel-doctor origin --port 3001 --event-interval 1s
      """)

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "The port to listen on; 0 takes a free one.")
  var port = 0

  @Option(help: "The path of the stream.")
  var path = "/api/flowpanel/stream"

  @Option(help: "The status to answer with.")
  var status = 200

  @Option(help: ArgumentHelp("The time between two heartbeats.", valueName: "duration"), transform: durationArgument)
  var heartbeat: Duration = .seconds(15)

  @Option(
    help: ArgumentHelp("The time between two numbered events; none are sent without it.", valueName: "duration"),
    transform: durationArgument)
  var eventInterval: Duration?

  func run() async throws {
    var settings = OriginSettings()
    settings.host = host
    settings.port = port
    settings.path = path
    settings.status = status
    settings.heartbeatInterval = heartbeat
    settings.eventInterval = eventInterval
    let origin: ReferenceOrigin
    do {
      origin = try await ReferenceOrigin.start(settings)
    } catch let failure as OriginFailure {
      throw ValidationError("\(failure)")
    }
    Console.write("\(origin.url)\n")
    for await _ in interruption() { break }
    await origin.stop()
    throw RunStatus(code: .interrupted)
  }
}
