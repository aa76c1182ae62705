// A fan-out that scenarios are told with: web-1 and web-2, each with its own URL, and two streams at the public one, of
// which the balancer gave each instance one. Each step of time is what a healthy run takes.

import Facts

extension Samples {
  /// Everything as it should be, with changes.
  static func fanOut(_ change: (inout FanOutSample) -> Void = { _ in }) -> Facts {
    var sample = FanOutSample()
    change(&sample)
    return sample.facts
  }

  /// No Redis is known to publish through.
  static var undriven: Facts {
    var facts = stream(ready)
    facts.drive = .unseen(Unseen(.notGiven, "no Redis is known to publish through"))
    return facts
  }
}

/// The fan-out, and what can happen to it.
struct FanOutSample {
  static let channel = "flowpanel-doctor.x"

  var streams: [FanOutStream] = []
  var subscribers: [String: Int] = [:]
  var laterSubscribers: [String: Int]?
  var instances: [InstanceRealtime] = [.web1, .web2]
  var names = ["web-1", "web-2"]
  var looks = true
  var system = System.flowpanel
  var bufferLimit: String?
  var burst = StreamDrive.Burst(count: 1000, sentMilliseconds: 2000, answeredMilliseconds: 2010, receivers: 2)

  /// Which instance each stream's process is, by the streams' index.
  private let seats = ["web-1", "web-2", "web-1", "web-2"]

  init() {
    for (index, instance) in ["web-1", "web-2", nil, nil].enumerated() {
      var stream = FanOutStream(
        index: index, target: min(index, 2),
        url: instance.map { "http://\($0):3000/api/flowpanel/stream" } ?? Samples.publicURL,
        instance: instance, outcome: .response(StreamFacts.Response(status: 200)), handshakeMilliseconds: 20,
        heard: (1...6).map { FanOutStream.Heard($0, atMilliseconds: 305 + 300 * Double($0), isWrapped: true) },
        endMilliseconds: 17_000)
      if instance != nil {
        stream.burst = FanOutStream.Burst()
        stream.burst?.count = 1000
        stream.burst?.came = [1...1000]
      }
      streams.append(stream)
      subscribers[name(".\(index)")] = 1
    }
    subscribers[name("")] = 2
    for publicIndex in 2...3 {
      for directIndex in 0...1 {
        subscribers[name(".\(publicIndex)-\(directIndex)")] = seats[publicIndex] == seats[directIndex] ? 1 : 2
      }
    }
  }

  private func name(_ rest: String, prefix: String = "flowpanel:") -> String { "\(prefix)\(Self.channel)\(rest)" }

  /// The streams of an instance, its own and the public ones that it is behind.
  private func indices(of instance: String) -> [Int] { seats.indices.filter { seats[$0] == instance } }

  private mutating func unsubscribe(_ instance: String) {
    for index in indices(of: instance) {
      subscribers[name(".\(index)")] = nil
      streams[index].heard = []
      streams[index].burst = streams[index].burst.map { _ in FanOutStream.Burst() }
    }
    for publicIndex in 2...3 {
      for directIndex in 0...1 where seats[publicIndex] == instance || seats[directIndex] == instance {
        subscribers[name(".\(publicIndex)-\(directIndex)")] = 1
      }
    }
    subscribers[name("")] = 1
  }

  /// An instance that is not subscribed, under a driver.
  mutating func silence(_ instance: String, driver: String) {
    unsubscribe(instance)
    if driver == "memory" {
      instances[1] = .memory(instance, variables: [VariableUse("REDIS_URL", .unset)])
    }
  }

  /// An instance that subscribes under another prefix, with its colon.
  mutating func rename(_ instance: String, _ prefix: String) {
    unsubscribe(instance)
    for index in indices(of: instance) { subscribers[name(".\(index)", prefix: prefix)] = 1 }
    subscribers[name("", prefix: prefix)] = 1
  }

  /// An instance that is subscribed at first.
  mutating func lose(_ instance: String) {
    let before = subscribers
    unsubscribe(instance)
    laterSubscribers = subscribers
    subscribers = before
  }

  /// A proxy before the public URL that passes nothing on.
  mutating func holdPublic() {
    for index in 2...3 { streams[index].heard = [] }
  }

  /// A balancer that gives the second instance nothing, in so many streams.
  mutating func leaveOut(streams count: Int) {
    let stream = streams[2]
    streams.removeLast()
    subscribers[name(".3")] = nil
    for index in 3..<2 + count {
      var other = stream
      other.index = index
      streams.append(other)
    }
    for index in 2..<2 + count {
      subscribers[name(".\(index)")] = 1
      subscribers[name(".\(index)-0")] = 1
      subscribers[name(".\(index)-1")] = 2
    }
  }

  /// A process behind the public URL that nobody named.
  mutating func addProcess() {
    subscribers[name("")] = 3
    for directIndex in 0...1 { subscribers[name(".3-\(directIndex)")] = 2 }
  }

  /// A Redis that does not say who is subscribed, while an instance brings nothing.
  mutating func hideCounts(_ instance: String) {
    unsubscribe(instance)
    looks = false
  }

  /// An instance whose stream does not begin.
  mutating func close(_ instance: String) {
    unsubscribe(instance)
    for index in indices(of: instance) {
      streams[index].handshakeMilliseconds = nil
      streams[index].outcome = .failure(StreamFacts.Failure(.connectionRefused, "connection refused"))
    }
  }

  /// One of the streams at the public URL is answered with a status.
  mutating func answerPublic(status: Int) {
    streams[3].handshakeMilliseconds = nil
    streams[3].outcome = .response(StreamFacts.Response(status: status))
    streams[3].heard = []
    subscribers[name(".3")] = nil
    for directIndex in 0...1 { subscribers[name(".3-\(directIndex)")] = 1 }
  }

  /// What came of the burst on an instance's own stream.
  mutating func receive(_ instance: String, _ change: (inout FanOutStream.Burst) -> Void) {
    guard let index = indices(of: instance).first, var burst = streams[index].burst else { return }
    change(&burst)
    streams[index].burst = burst
  }

  var facts: Facts {
    var facts = Samples.fullyConfigured(instances)
    facts.deployment = Samples.deployment(system).map { deployment in
      var deployment = deployment
      deployment.instances = names.map { Deployment.Instance(name: $0) }
      return deployment
    }
    facts.redis =
      Samples.details { [bufferLimit] redis in
        redis.settings = bufferLimit.map { .seen(["client-output-buffer-limit": $0]) }
      }.redis
    facts.streams = .seen([])
    var publisher = StreamDrive.Publisher(
      redisURL: "\(Samples.cache)", instances: names, names: [name("")],
      publications: (1...6).map { number in
        let time = 300 + 300 * Double(number)
        return StreamDrive.Publication(
          number: number, sentMilliseconds: time, answeredMilliseconds: time + 1, receivers: 2,
          name: number == 1 ? name("") : nil)
      })
    let first = StreamDrive.Look(atMilliseconds: 200, subscribers: subscribers)
    let last = StreamDrive.Look(atMilliseconds: 4000, subscribers: laterSubscribers ?? subscribers)
    var later = last
    later.milliseconds = 9_000
    publisher.looks =
      looks ? .seen([first, last, later]) : .unseen(Unseen(.refused, "PUBSUB NUMSUB was refused: NOPERM"))
    publisher.burst = burst
    facts.drive = .seen(StreamDrive(channel: Self.channel, publishers: [publisher], fanOut: streams))
    return facts
  }
}
