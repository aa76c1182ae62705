public import Foundation
public import Transport

/// What the instances of a fleet have left at a rendezvous.
public struct RendezvousReading: Sendable, Equatable {
  /// What one instance has left.
  public struct Instance: Sendable, Equatable {
    /// Its name; for a name that no instance has, the beginning of it, with whatever characters it has.
    public var name: String
    /// When it was published, by the publisher's clock; nil where that is no time.
    public var published: Date?
    /// The document, or why there is none.
    public var state: State
  }

  /// Whether there is a document.
  public enum State: Sendable, Equatable {
    /// A fresh document.
    case document([UInt8])
    /// The document has expired: the instance has not published again in time.
    case stale
    /// What is there was not left by a publisher, or not read, and why.
    case unusable(String)
  }

  /// The instances by name.
  public var instances: [Instance]
  /// Whether there are more than are read (`Rendezvous.maximumInstances`).
  public var isCutShort: Bool
}

extension Rendezvous {
  /// Reads what all instances have left.
  ///
  /// - Parameter limit: how long it may take in all.
  /// - Throws: `RendezvousFailure`, which names the step.
  public func read(
    from target: RedisTarget, through probe: RedisProbe = RedisProbe(), over transport: Transport,
    within limit: Duration = .seconds(30)
  ) async throws(RendezvousFailure) -> RendezvousReading {
    let deadline = ContinuousClock.now + limit
    var link = try await RendezvousLink(
      to: target, at: RendezvousPlace(rendezvous: self, access: .read), through: probe, over: transport,
      until: deadline)
    let index = try await link.index(until: deadline)
    return try await link.reading(of: index, until: deadline)
  }
}

/// The names in an index and their scores, as they came.
struct RendezvousIndex: Sendable, Equatable {
  /// Scores by name; of a name that is too long, its first bytes stand for it.
  var scores: [[UInt8]: String] = [:]
  var isCutShort = false
}

/// How many names or commands one pipeline asks for, and how many bytes of documents: with names and documents as long
/// as may be, the replies are less than `Transport` takes.
private let maximumBatch = 5_000
private let maximumBatchBytes = 8 * 1024 * 1024
/// Redis answers with names until the last, in steps of about `maximumBatch`: who takes more steps is none.
private let maximumSteps = 1_000

extension RendezvousLink {
  /// Reads the index. ZSCAN alone gives every name that is there throughout, whoever publishes meanwhile
  /// (redis.io/commands/scan: guarantees).
  mutating func index(until deadline: ContinuousClock.Instant) async throws(RendezvousFailure) -> RendezvousIndex {
    var index = RendezvousIndex()
    var cursor = "0"
    for _ in 0..<maximumSteps {
      let command = ["ZSCAN", place.rendezvous.indexKey, cursor, "COUNT", "\(maximumBatch)"]
      let reply = try await replies(to: [RedisCommand(command)], until: deadline).first
      if case .error(let words)? = reply { throw failure(words, to: "ZSCAN") }
      guard let parts = reply?.elements, parts.count == 2, let next = parts[0].text, let pairs = parts[1].elements,
        pairs.count % 2 == 0
      else { throw failure(notUnderstanding: "ZSCAN") }
      for place in stride(from: 0, to: pairs.count, by: 2) {
        guard case .bulk(let name) = pairs[place], let score = pairs[place + 1].text else {
          throw failure(notUnderstanding: "ZSCAN")
        }
        index.scores[Array(name.prefix(Rendezvous.maximumNameBytes + 1))] = bounded(score)
      }
      if index.scores.count > Rendezvous.maximumInstances { break }
      if next == "0" { return index }
      cursor = bounded(next)
    }
    index.isCutShort = true
    return index
  }

  /// Reads the documents of an index: asks for their lengths first, and then for as many at a time as are surely taken.
  mutating func reading(
    of index: RendezvousIndex, until deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) -> RendezvousReading {
    var instances = index.scores.map { RendezvousReading.Instance(name: $0, score: $1) }
    instances.sort { ($0.name, $0.published ?? .distantPast) < ($1.name, $1.published ?? .distantPast) }
    if instances.count > Rendezvous.maximumInstances {
      instances.removeLast(instances.count - Rendezvous.maximumInstances)
    }
    let asked = instances.indices.filter { instances[$0].state == .stale }
    var lengths: [(place: Int, bytes: Int)] = []
    for start in stride(from: 0, to: asked.count, by: maximumBatch) {
      let places = asked[start..<min(start + maximumBatch, asked.count)]
      for (place, reply) in zip(places, try await documents("STRLEN", places.map { instances[$0].name }, deadline)) {
        switch reply {
        case .integer(1...Rendezvous.maximumDocumentBytes): lengths.append((place, reply.integer ?? 0))
        case .integer(0): break
        case .integer: instances[place].state = tooLong
        case .error: instances[place].state = noString
        default: throw failure(notUnderstanding: "STRLEN")
        }
      }
    }
    var total = 0
    var next = lengths[...]
    while !next.isEmpty {
      var bytes = 0
      let batch = next.prefix(maximumBatch).prefix { length in
        defer { bytes += length.bytes }
        return bytes + length.bytes <= maximumBatchBytes
      }
      next = next.dropFirst(batch.count)
      total += batch.reduce(0) { $0 + $1.bytes }
      if total > Rendezvous.maximumBytes {
        for length in batch { instances[length.place].state = tooMany }
        continue
      }
      for (length, reply) in zip(batch, try await documents("GET", batch.map { instances[$0.place].name }, deadline)) {
        switch reply {
        case .bulk(let document) where document.count > Rendezvous.maximumDocumentBytes:
          instances[length.place].state = tooLong
        case .bulk(let document) where !document.isEmpty: instances[length.place].state = .document(document)
        case .bulk, .null: break
        case .error: instances[length.place].state = noString
        default: throw failure(notUnderstanding: "GET")
        }
      }
    }
    return RendezvousReading(instances: instances, isCutShort: index.isCutShort)
  }

  /// Asks the same about the documents of several instances; the one error that is theirs alone is left among the replies.
  private mutating func documents(
    _ command: String, _ instances: [String], _ deadline: ContinuousClock.Instant
  ) async throws(RendezvousFailure) -> [RedisReply] {
    let rendezvous = place.rendezvous
    let commands = instances.map { RedisCommand([command, rendezvous.documentKey($0)]) }
    let replies = try await replies(to: commands, until: deadline)
    for case .error(let words) in replies where !words.hasPrefix("WRONGTYPE") { throw failure(words, to: command) }
    return replies
  }
}

private let tooLong = RendezvousReading.State.unusable(
  "the document has more than \(Rendezvous.maximumDocumentBytes / 1024) KiB")
private let noString = RendezvousReading.State.unusable("the document's key is not a string: something else wrote it")
private let tooMany = RendezvousReading.State.unusable(
  "not read: all documents together have more than \(Rendezvous.maximumBytes / 1024 / 1024) MiB")

extension RendezvousReading.Instance {
  /// An instance as the index shows it; stale until its document is seen.
  fileprivate init(name bytes: [UInt8], score: String) {
    let milliseconds = Double(score) ?? .nan
    // What a Date takes in JavaScript (ECMA-262: time values): more is no time.
    published = abs(milliseconds) <= 8.64e15 ? Date(timeIntervalSince1970: milliseconds / 1000) : nil
    let text = String(decoding: bytes, as: UTF8.self)
    let isText = String(validating: bytes, as: UTF8.self) != nil
    let problem = Rendezvous.problem(withInstance: text) ?? (isText ? nil : "the instance's name is not UTF-8")
    name = problem == nil ? text : bounded(text)
    state = problem.map { .unusable("\($0): something else wrote it") } ?? .stale
  }
}
