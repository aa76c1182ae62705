import Diagnosis
import Facts
import Foundation
import Reporting
import Testing

@testable import Doctor

/// A run over web-1 and web-2 with two streams at the public URL, one behind each.
private struct Run {
  static let channel = "flowpanel-doctor.x"
  static let publicURL = "https://admin.example/api/flowpanel/stream"

  var streams: [FanOutStream]
  var subscribers: [String: Int]
  var drivers = ["redis", "redis"]
  var looks = true
  var system = System.flowpanel

  init(_ change: (inout Run) -> Void = { _ in }) {
    streams = (0...3).map { index in
      FanOutStream(
        index: index, target: min(index, 2), url: index < 2 ? "http://web-\(index + 1):3000/s" : Self.publicURL,
        instance: index < 2 ? "web-\(index + 1)" : nil, outcome: .response(StreamFacts.Response(status: 200)),
        handshakeMilliseconds: 20,
        heard: (1...4).map { number in
          FanOutStream.Heard(
            number, atMilliseconds: 300 * Double(number) + (index < 2 ? 12 : 40), isWrapped: true)
        }, endMilliseconds: 5000)
    }
    subscribers = ["flowpanel:\(Self.channel)": 2]
    for index in 0...3 { subscribers["flowpanel:\(Self.channel).\(index)"] = 1 }
    for (first, second) in [(2, 0), (2, 1), (3, 0), (3, 1)] {
      subscribers["flowpanel:\(Self.channel).\(first)-\(second)"] = first - 2 == second ? 1 : 2
    }
    change(&self)
  }

  /// Takes an instance, and the public stream behind it, off the channel, or onto one under another prefix.
  mutating func move(_ index: Int, to prefix: String? = nil) {
    for stream in [index, index + 2] {
      streams[stream].heard = []
      subscribers["flowpanel:\(Self.channel).\(stream)"] = nil
      if let prefix { subscribers["\(prefix)\(Self.channel).\(stream)"] = 1 }
    }
    for other in 0...1 {
      subscribers["flowpanel:\(Self.channel).\(index + 2)-\(other)"] = other == index ? nil : 1
      subscribers["flowpanel:\(Self.channel).\(other + 2)-\(index)"] = other == index ? nil : 1
    }
    subscribers["flowpanel:\(Self.channel)"] = 1
    guard let prefix else { return }
    subscribers["\(prefix)\(Self.channel).\(index + 2)-\(index)"] = 1
    subscribers["\(prefix)\(Self.channel)"] = 1
  }

  var facts: Facts {
    var publisher = StreamDrive.Publisher(
      redisURL: "redis://cache:6379/0", names: ["flowpanel:\(Self.channel)"],
      publications: (1...4).map { number in
        StreamDrive.Publication(
          number: number, sentMilliseconds: 300 * Double(number), answeredMilliseconds: 300 * Double(number) + 1,
          receivers: 2, name: number == 1 ? "flowpanel:\(Self.channel)" : nil)
      })
    publisher.looks =
      looks
      ? .seen([200, 4000].map { StreamDrive.Look(atMilliseconds: $0, subscribers: subscribers) })
      : .unseen(Unseen(.refused, "PUBSUB NUMSUB was refused: NOPERM"))
    let names = ["web-1", "web-2"]
    var facts = Facts(
      deployment: .seen(
        Deployment(
          system: system, instances: names.map { Deployment.Instance(name: $0) }, publicURLs: [Self.publicURL])))
    facts.config = .seen(
      ConfigFacts(
        file: .seen("flowpanel.config.ts"), searched: [],
        instances: zip(names, drivers).map { name, driver in
          InstanceRealtime(
            instance: name, isSet: Evaluated(.seen(true)),
            driver: Evaluated(
              .seen(driver), variables: [VariableUse("REDIS_URL", driver == "redis" ? .set : .unset)]),
            redis: Evaluated(.seen(.none)), keyPrefix: Evaluated(.seen(nil)))
        }))
    facts.drive = .seen(StreamDrive(channel: Self.channel, publishers: [publisher], fanOut: streams))
    return facts
  }
}

@Suite("The matrix of a fan-out in the report")
struct FanOutExhibitTests {
  private func rows(_ run: Run) throws -> [[String]] { try #require(fanOutExhibits(run.facts).first).rows }

  @Test("each instance with its environment, its driver, its stream, and where the event came out")
  func healthy() throws {
    let exhibits = fanOutExhibits(Run().facts)
    let matrix = try #require(exhibits.first)
    #expect(matrix.title == "One event in, on \(Run.channel)")
    #expect(
      matrix.columns
        == ["Instance", "Environment", "Driver", "Stream", "Subscribed", "Arrived directly", "By public URL"])
    #expect(
      matrix.rows == [
        ["web-1", "REDIS_URL set", "redis", "ready", "yes", "12 ms", "40 ms"],
        ["web-2", "REDIS_URL set", "redis", "ready", "yes", "12 ms", "40 ms"],
      ])
    #expect(exhibits.count == 2 && exhibits[1].key == nil)
    #expect(exhibits[1].rows == [[Run.publicURL, "2", "web-1 ×1, web-2 ×1", "40 ms"]])
    for exhibit in exhibits { #expect(exhibit.rows.allSatisfy { $0.count == exhibit.columns.count }) }
  }

  @Test("an instance on the memory driver, one elsewhere, and one whose part is not known")
  func faults() throws {
    let memory = Run {
      $0.move(1)
      $0.drivers[1] = "memory"
    }
    #expect(try rows(memory)[1] == ["web-2", "REDIS_URL unset", "memory", "ready", "no", "no", "no"])
    let prefix = Run { $0.move(1, to: "acme:") }
    #expect(try rows(prefix)[1][4] == "under the prefix acme (versions from 0.3 on)")
    let hidden = Run {
      $0.move(1)
      $0.looks = false
    }
    #expect(try rows(hidden)[1][4] == "not known")
    #expect(try rows(hidden).map(\.last) == ["not known", "not known"])
    let closed = Run {
      $0.move(1)
      $0.streams[1].handshakeMilliseconds = nil
      $0.streams[1].outcome = .response(StreamFacts.Response(status: 503))
    }
    #expect(try rows(closed)[1][3] == "status 503")
    let held = Run { $0.streams[3].heard = [] }
    #expect(try rows(held).map(\.last) == ["40 ms", "no"])
    #expect(fanOutExhibits(held.facts)[1].rows[0].last == "on 1 of 2")
    let cut = Run { $0.streams[0].heard.remove(at: 2) }
    #expect(try rows(cut)[0][5] == "not all")
  }

  @Test("there is none of a run without a fan-out, and no public URLs where there are none")
  func none() {
    #expect(fanOutExhibits(Facts()).isEmpty)
    #expect(fanOutExhibits(Run { $0.streams.removeLast(2) }.facts).count == 1)
  }

  @Test("fits on a page of 60 columns, in fewer columns", arguments: [nil, "acme:", ""])
  func narrow(_ prefix: String?) {
    let exhibits = fanOutExhibits(Run { $0.move(1, to: prefix) }.facts)
    let report = Report(title: "t", verdicts: [], exhibits: Array(exhibits.prefix(1)))
    let text = render(report, as: .human, options: RenderOptions(width: 60))
    // Beside the line that counts the verdicts.
    let lines = text.split(separator: "\n").dropLast()
    #expect(lines.allSatisfy { $0.count <= 60 }, "\(text)")
    // Still a table: the headings stand in one line.
    #expect(
      lines.contains { line in ["Instance", "Subscribed", "Directly", "Public"].allSatisfy(line.contains) }, "\(text)")
    #expect(!text.contains("Environment"))
  }

  @Test("for programs: every stream with its place, its seat and what came")
  func json() throws {
    var burst = FanOutStream.Burst()
    burst.count = 990
    let run = Run {
      $0.move(1, to: "acme:")
      $0.streams[0].burst = burst
    }
    let text = render(
      Report(title: "t", verdicts: [], exhibits: fanOutExhibits(run.facts)), as: .json)
    let document = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let fanOut = try #require(document["fanOut"] as? [String: Any])
    #expect(fanOut["channel"] as? String == Run.channel)
    #expect(fanOut["unnamedProcesses"] as? Int == 0)
    #expect(fanOut["notCounted"] is NSNull)
    let instances = try #require(fanOut["instances"] as? [[String: Any]])
    #expect(instances.map { $0["name"] as? String } == ["web-1", "web-2"])
    #expect(instances.map { $0["driver"] as? String } == ["redis", "redis"])
    #expect(instances.map { $0["proxied"] as? [Int] } == [[2], [3]])
    let direct = try instances.map { try #require($0["direct"] as? [String: Any]) }
    #expect(direct.map { $0["isSubscribed"] as? Bool } == [true, true])
    #expect(direct.map { $0["came"] as? Int } == [4, 0])
    #expect(direct.map { $0["latestMilliseconds"] as? Double } == [12, nil])
    #expect(direct.map { $0["envelope"] as? Bool } == [true, nil])
    #expect((direct[0]["burst"] as? [String: Int]) == ["came": 990])
    #expect(direct[1]["burst"] is NSNull)
    let places = direct.map { ($0["places"] as? [[String: String]])?.first?["names"] }
    #expect(places == ["the prefix flowpanel (versions from 0.3 on)", "the prefix acme (versions from 0.3 on)"])
    let urls = try #require(fanOut["publicURLs"] as? [[String: Any]])
    #expect(urls.map { $0["url"] as? String } == [Run.publicURL])
    let streams = try #require(urls.first?["streams"] as? [[String: Any]])
    #expect(streams.map { $0["instance"] as? String } == ["web-1", "web-2"])
    let memory = render(Report(title: "t", verdicts: [], exhibits: fanOutExhibits(Run { $0.move(1) }.facts)), as: .json)
    #expect(memory.split(separator: #""isSubscribed": false"#).count == 3, "the instance's row, and its public stream")
    let silent = render(
      Report(title: "t", verdicts: [], exhibits: fanOutExhibits(Run { $0.looks = false }.facts)), as: .json)
    #expect(silent.contains("PUBSUB NUMSUB was refused: NOPERM"))
  }
}

@Suite("What a report on a fan-out opens with")
struct FanOutConclusionsTests {
  private func verdict(
    _ check: String, _ kind: Verdict.Kind = .finding, _ severity: Severity = .error, on subject: Subject = .deployment,
    explainedBy: Verdict.Reference? = nil
  ) -> Verdict {
    Verdict(
      check: check, kind: kind, severity: severity, subject: subject, message: "m of \(check)", explainedBy: explainedBy
    )
  }

  private func sentences(_ verdicts: [Verdict], _ run: Run = Run(), interrupted: Bool = false) -> [String] {
    fanOutConclusions(run.facts, verdicts, wasInterrupted: interrupted)
  }

  private let passes = Verdict(
    check: "pubsub.fanout", kind: .pass, severity: .error, subject: .instance("web-1"), message: "")

  @Test("that an event comes out everywhere, and how soon")
  func whole() {
    let sentence =
      "an event that is published once comes out of web-1, web-2 within 12 ms, and of \(Run.publicURL) within 40 ms"
    #expect(sentences([passes]) == [sentence])
    #expect(sentences([passes], interrupted: true) == ["as far as it was watched, \(sentence)"])
    #expect(sentences([passes, verdict("stream.retry-field", .finding, .notice)]) == [sentence])
    let alone = Run { $0.streams.removeLast(2) }
    #expect(sentences([passes], alone) == ["an event that is published once comes out of web-1, web-2 within 12 ms"])
    // Nobody judged, so nobody says so.
    #expect(sentences([]).isEmpty)
  }

  @Test("each cause once, what bears on the fan-out first and then the worst")
  func causes() {
    let verdicts = [
      verdict("stream.buffered", .finding, .warning), verdict("redis.eviction-policy"),
      verdict("pubsub.fanout", on: .instance("web-2")), passes,
      verdict("config.memory-driver", explainedBy: Verdict.Reference("pubsub.fanout", .instance("web-2"))),
    ]
    #expect(sentences(verdicts) == ["m of pubsub.fanout", "m of redis.eviction-policy", "m of stream.buffered"])
  }

  @Test("what is not known, and of whom")
  func unknown() {
    let unknown = verdict("pubsub.fanout", .undetermined, on: .instance("web-2"))
    #expect(sentences([passes, unknown]) == ["web-2: m of pubsub.fanout"])
    let explained = verdict(
      "pubsub.fanout", .undetermined, on: .instance("web-2"), explainedBy: Verdict.Reference("redis.down", .deployment))
    #expect(sentences([verdict("redis.down"), explained]) == ["m of redis.down"])
  }

  @Test("a finding that is suppressed is no sentence, nor that all is well beside one that is explained elsewhere")
  func suppressed() {
    #expect(sentences([verdict("pubsub.fanout", .suppressed, on: .instance("web-2"))]).count == 1)
    let explained = verdict(
      "pubsub.fanout", on: .instance("web-2"), explainedBy: Verdict.Reference("redis.down", .deployment))
    #expect(sentences([explained]).isEmpty)
  }

  @Test("of other findings those that bear on the fan-out are shown, and those that a cause explains")
  func shown() {
    let verdicts = [
      verdict("pubsub.fanout"), verdict("stream.retry-field"), verdict("stream.buffered"),
      verdict("config.memory-driver", explainedBy: Verdict.Reference("pubsub.fanout", .deployment)),
      verdict("redis.eviction-policy"),
    ]
    #expect(verdicts.ofFanOut(Facts()).map(\.check) == ["pubsub.fanout", "stream.buffered", "config.memory-driver"])
  }

  @Test("where no Redis is known to publish through, what is wrong with the config is shown")
  func undriven() {
    var facts = Facts()
    facts.drive = .unseen(Unseen(.notGiven, "no Redis is known"))
    let verdicts = [verdict("config.file-missing"), verdict("redis.eviction-policy")]
    #expect(verdicts.ofFanOut(facts).map(\.check) == ["config.file-missing"])
    #expect(verdicts.ofFanOut(Facts()).isEmpty)
  }
}
