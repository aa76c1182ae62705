import ArgumentParser
import Doctor
import Facts
import Foundation
import Reporting

/// `flowpanel-doctor stream`: event streams as a browser meets them.
struct StreamCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Open event streams as browsers and curl -N do, and show what arrives when.",
    discussion: """
      Each URL is opened over HTTP/1.1 and, with TLS, HTTP/2, offering the compression that browsers offer and none: \
      proxies treat these differently. Without a URL: the instances' direct URLs and the public ones of the manifest.

      EXAMPLES
        flowpanel-doctor stream https://admin.example.com/api/flowpanel/stream?channel=test
        flowpanel-doctor stream --active --redis-variable REDIS_URL https://admin.example.com
        flowpanel-doctor stream --idle 5m https://admin.example.com
        flowpanel-doctor stream --for 20s --header-variable Cookie=ADMIN_COOKIE https://admin.example.com
        flowpanel-doctor stream --record capture.json https://admin.example.com
        flowpanel-doctor stream --replay capture.json
        flowpanel-doctor stream --raw --events 10 https://admin.example.com | grep ^data:
      """)

  @Argument(help: "An http or https URL; one without a path gets the system's stream path.")
  var url: [String] = []

  @Option(
    name: .customLong("for"),
    help: ArgumentHelp(
      "How long to watch each stream; unless given, until enough came, but not for much longer than a heartbeat.",
      valueName: "duration"),
    transform: durationArgument)
  var watch: Duration?

  @Option(
    help: ArgumentHelp(
      "Hold each stream for so long and a second more, as a browser does, to see what cuts it.", valueName: "duration"),
    transform: durationArgument)
  var idle: Duration?

  @Option(help: ArgumentHelp("Watch no longer than until so many events have come.", valueName: "number"))
  var events: Int?

  @Flag(help: "Write the stream's own bytes to standard output, and the report to standard error. One URL, one cell.")
  var raw = false

  @Option(help: ArgumentHelp("Save the capture: what --replay shows again. No secret is in it.", valueName: "file"))
  var record: String?

  @Option(help: ArgumentHelp("Show a saved capture again, without touching the network.", valueName: "file"))
  var replay: String?

  @OptionGroup var drive: DriveOptions
  @OptionGroup var way: WayOptions
  @OptionGroup var stream: StreamOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func validate() throws {
    for text in url {
      if let problem = streamURLProblem(text) { throw ValidationError(problem) }
    }
    if let events, events < 1 { throw ValidationError("--events takes a number from 1 on") }
    if replay != nil,
      !url.isEmpty || !way.isEmpty || raw || record != nil || input.saveFacts != nil || watch != nil || idle != nil
        || events != nil || drive.active
    {
      throw ValidationError(
        "--replay shows what was recorded; it takes no URL and no --active, --for, --idle, --events, --raw, --record and "
          + "--save-facts")
    }
    if idle != nil, watch != nil || events != nil {
      throw ValidationError("--idle holds streams for its whole time; it takes no --for and no --events")
    }
    if let needed = watch ?? idle.map({ $0 + .seconds(1) }), let timeout = input.timeout, timeout < needed {
      throw ValidationError(
        "--timeout ends the run before \(watch == nil ? "--idle" : "--for") does; leave it out, or make it longer")
    }
    if raw,
      url.count != 1 || !way.isEmpty || stream.cells == .all || output.format != .human || idle != nil && drive.active
    {
      throw ValidationError(
        "--raw writes one stream's own bytes: give one URL and no --cells all, no --via or --direct, and not --idle with "
          + "--active; keep a report with --report json=FILE")
    }
    if let record { try refuseUnwritable(record, what: "the capture") }
  }

  func run() async throws {
    if let replay {
      let run: SavedRun
      do {
        run = try SavedRun(path: replay)
        guard run.facts.streams.value != nil else {
          throw RunError(.malformed, "\(replay) holds no event streams; stream --record FILE saves them")
        }
      } catch let error as RunError {
        try output.finish(error)
      }
      Console.talk("a capture of \(run.facts.collectedAt)")
      try output.finish(run.ofStreams.report(under: output.rules))
    }
    let view = StreamView(isTerminal: Console.isTerminal && !Console.isDumb)
    let run: SavedRun
    do {
      var inputs = try inputs()
      inputs.rules = output.rules
      if raw {
        inputs.stream.watcher = StreamInputs.Watcher(
          begin: { _, _ in },
          tell: { _, news in if case .bytes(let bytes) = news { Console.write(bytes: bytes) } },
          end: { _, _ in })
      } else if output.format == .human {
        inputs.stream.watcher = view.watcher
      }
      run = try await view.showing { try await collect(inputs, interruption: interruption()) }
    } catch let error as RunError {
      try output.finish(error)
    }
    let isSaved = record.map { run.ofStreams.save(to: $0, what: "the capture") } ?? true
    try input.finish(run, reporting: output, toStandardError: raw, isSaved: isSaved)
  }

  private func inputs() throws -> RunInputs {
    var inputs = try input.inputs(on: [.stream])
    inputs.stream = try stream.inputs(in: inputs.environment)
    inputs.stream.urls = url
    inputs.stream.viaURLs = way.via
    inputs.stream.directURLs = way.directURLs
    inputs.stream.watch = watch.map { .time($0) } ?? idle.map { .idle($0) } ?? .heartbeat
    inputs.redis.isActive = drive.active
    inputs.redisURLs = try drive.redis.urls(in: inputs.environment)
    inputs.stream.events = events
    if raw {
      inputs.stream.cells = stream.cells ?? .browser
      inputs.stream.passesBytes = true
    }
    return inputs
  }
}

extension SavedRun {
  /// What is said of streams alone: nothing else of the machine that they were opened from.
  fileprivate var ofStreams: SavedRun {
    var run = self
    run.topics = [.stream]
    run.facts = Facts(deployment: facts.deployment, streams: facts.streams)
    run.facts.drive = facts.drive
    run.facts.collectedAt = facts.collectedAt
    return run
  }
}
