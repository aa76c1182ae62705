// What libFuzzer runs: what a Redis server sends, made of any bytes, read in pieces and handed to all that reads replies.
// It must end, must not crash, and must take no more memory than the reader's bounds allow; how the bytes are cut must
// change nothing, what was seen must be there to save, and no error of the server's may bring the password into it.
//
// An input is a line of settings and, after its end, the server's bytes. The line's first byte says how the session is
// held, the others how long each piece is, in turn; without any a piece is a byte.
import CFuzzer
import Facts
import Foundation

@testable import RedisProbe
@testable import Transport

private let password = "s3cr3t+canary"

/// One input, as libFuzzer hands it over; always 0.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = UnsafeBufferPointer(start: start, count: count)
  guard let lineEnd = bytes.firstIndex(of: 0x0A) else { return 0 }
  let settings = bytes[..<lineEnd]
  let stream = UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes)[(lineEnd + 1)...])

  let inPieces = received(stream, pieces: settings.dropFirst().map { max(1, Int($0)) })
  let atOnce = received(stream, pieces: [max(1, stream.count)])
  precondition(inPieces == atOnce, "how the bytes are cut changes the replies")

  for reply in atOnce.replies { readAlone(reply) }
  hold(Session(settings.first ?? 0), answering: atOnce)
  return 0
}

// MARK: - The reader

/// The replies that came out, and why there were no more; nil where the bytes ended.
private struct Received: Equatable {
  var replies: [RedisReply] = []
  var failure: String?
}

/// The most that a reply may take while it comes in and once it is there: an array's places for each level that hiredis
/// goes down to, its smallest elements, and what a buffer holds before it grows.
private func maximumMemory(ofBytes count: Int) -> Int { 9 * 8 * 100_000 + 128 * count + 65_536 }

/// Reads as a link does: each piece is fed, and all replies in it are taken before the next.
private func received(_ stream: UnsafeRawBufferPointer, pieces: [Int]) -> Received {
  guard let reader = RedisReader() else { preconditionFailure("no reader") }
  var result = Received()
  var rest = stream[...]
  var turn = 0
  var allocated = __sanitizer_get_current_allocated_bytes()
  var bytesSinceReply = 0
  do {
    while !rest.isEmpty {
      let piece = rest.prefix(pieces.isEmpty ? 1 : pieces[turn % pieces.count])
      rest = rest.dropFirst(piece.count)
      turn += 1
      bytesSinceReply += piece.count
      try reader.feed(UnsafeRawBufferPointer(rebasing: piece))
      while true {
        let reply = try reader.next()
        let now = __sanitizer_get_current_allocated_bytes()
        precondition(
          now <= allocated + maximumMemory(ofBytes: bytesSinceReply), "a reply takes more than its bytes allow")
        guard let reply else { break }
        result.replies.append(reply)
        allocated = __sanitizer_get_current_allocated_bytes()
        // The next one may have begun in this piece.
        bytesSinceReply = piece.count
      }
    }
  } catch {
    result.failure = error.detail
  }
  return result
}

// MARK: - What reads replies

/// A reply where any question may have been asked.
private func readAlone(_ reply: RedisReply) {
  _ = denials(reply, toldTo: "default", System.flowpanel.redisNeeds())
  _ = reply.fields
  guard let text = reply.text else {
    if case .error(let words) = reply { _ = (authFailure(words), errorFailure(words)) }
    return
  }
  let groups = clientGroups(text, but: [])
  precondition(groups.allSatisfy { $0.count > 0 && $0.largestOutputBytes >= 0 }, "connections that nobody has")
  precondition(!groups.contains { $0.name == ownClientName }, "our own connection is listed")
  _ = infoFields(text)
}

/// Who asks, and what for.
private struct Session {
  var system: System
  var target: RedisTarget

  init(_ settings: UInt8) {
    let systems = System.allCases
    system = systems[Int(settings & 7) % systems.count]
    target = RedisTarget(endpoint: RedisEndpoint(host: "h", database: settings & 8 == 0 ? 0 : 2))
    if settings & 16 != 0 { target.password = Secret(password) }
    if settings & 32 != 0 { target.username = Secret("u53r+canary") }
  }
}

/// The server's replies, given out in turn as answers to what is asked.
private struct Answers {
  private var rest: ArraySlice<RedisReply>
  private let failure: RedisLinkFailure

  init(_ received: Received) {
    rest = received.replies[...]
    failure = received.failure.map { .notRedis($0) } ?? .closed("the server closed the connection")
  }

  mutating func next(_ count: Int) -> RedisPipelineResult {
    let replies = rest.prefix(count)
    rest = rest.dropFirst(count)
    let exchanges = replies.map { RedisExchange(reply: $0, milliseconds: 1, sent: .now) }
    return RedisPipelineResult(
      exchanges: exchanges, failure: replies.count < count ? failure : nil, milliseconds: 1)
  }
}

/// A session as the probe holds it, from AUTH to the questions that come last.
private func hold(_ session: Session, answering received: Received) {
  var answers = Answers(received)
  let target = session.target
  let entry = target.entryCommands
  var probe = RedisProbe()
  probe.system = session.system
  var record = ProbeRecord(target, phases: ConnectionPhases(), for: probe)
  let first = answers.next(entry.count + firstQuestions.count)
  for index in entry.indices {
    _ = record.take(.authenticate, first, index, scrubbing: target, answers: authFailure)
  }
  _ = record.take(.ping, first, entry.count, scrubbing: target, answers: errorFailure)
  let replies = Replies(first, after: entry.count, scrubbing: target)
  _ = record.take(.info, first, replies.place(of: ["INFO"]), scrubbing: target, answers: errorFailure)
  record.read(replies)

  let needs = session.system.redisNeeds()
  let permissions = PermissionQuestions(needs, user: replies.user, database: target.endpoint.database)
  var second = SecondQuestions(permissions, system: session.system, needs: needs, about: record.facts, replies)
  second.read(answers.next(second.commands.count), into: &record, scrubbing: target)
  var third = ThirdQuestions(after: second)
  third.read(answers.next(third.commands.count), into: &record, scrubbing: target)
  if second.needsTransaction {
    let queued = answers.next(permissions.transaction.count)
    record.facts.permissions = .seen(
      permissions.answers(
        toTransaction: permissions.transaction.indices.map { queued.reply($0) }, exec: answers.next(1).reply(0),
        scrubbing: target))
    let subscribed = answers.next(permissions.subscriptions.count)
    _ = permissions.answers(
      toSubscriptions: permissions.subscriptions.indices.map { subscribed.reply($0) }, scrubbing: target)
  }
  if let list = second.clientList {
    record.facts.clients = .seen(clientGroups(list, but: [replies.clientID].compactMap(\.self)))
  }

  precondition(
    target.password == nil || !record.facts.errors.contains { $0.utf8.firstRange(of: password.utf8) != nil },
    "the password is shown")
  do {
    let saved = try JSONEncoder().encode(record.facts)
    let read = try JSONDecoder().decode(RedisFacts.self, from: saved)
    precondition(read == record.facts, "saved facts are read as others")
  } catch {
    preconditionFailure("what was seen can't be saved: \(error)")
  }
}

extension RedisFacts {
  /// All that repeats an error of the server's.
  fileprivate var errors: [String] {
    steps.flatMap { [$0.failure?.detail, $0.note] }.compactMap { $0 }
      + [
        server.unseen, policy.unseen, settings?.unseen, clients?.unseen, permissions?.unseen, denials?.unseen,
        channels?.unseen, streams?.unseen, cluster?.unseen,
      ].compactMap { $0?.detail }
  }
}

// MARK: - Inputs

/// Changes an input, and mends the lengths of its strings most of the time: a wrong one hides all that follows.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ start: UnsafeMutablePointer<UInt8>, _ count: Int, _ maximum: Int, _ seed: CUnsignedInt) -> Int {
  let changed = LLVMFuzzerMutate(start, count, maximum)
  guard seed % 4 != 0 else { return changed }
  let mended = withMendedLengths(UnsafeBufferPointer(start: start, count: changed))
  guard mended.count <= maximum else { return changed }
  UnsafeMutableBufferPointer(start: start, count: mended.count).update(fromContentsOf: mended)
  return mended.count
}

/// The same bytes where a string that is announced, `$12`, ends before the next reply: at a line end with one of the
/// types' bytes after it.
private func withMendedLengths(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
  let (cr, lf, dollar, minus) = (UInt8(0x0D), UInt8(0x0A), UInt8(0x24), UInt8(0x2D))
  func isLineEnd(_ index: Int) -> Bool { index + 1 < bytes.count && bytes[index] == cr && bytes[index + 1] == lf }
  var result: [UInt8] = []
  result.reserveCapacity(bytes.count + 64)
  var index = 0
  while index < bytes.count {
    let beginsLine = index == 0 || bytes[index - 1] == lf
    let announced = bytes[index...].prefix { $0 != cr }
    guard beginsLine, bytes[index] == dollar, announced.count < 12, isLineEnd(announced.endIndex),
      announced.dropFirst().first != minus
    else {
      result.append(bytes[index])
      index += 1
      continue
    }
    let begin = announced.endIndex + 2
    var end = begin
    while end < bytes.count {
      if isLineEnd(end), end + 2 == bytes.count || "+-:$*".utf8.contains(bytes[end + 2]) { break }
      end += 1
    }
    result += "$\(end - begin)\r\n".utf8
    result += bytes[begin..<end]
    result += [cr, lf]
    index = end + 2
  }
  return result
}
