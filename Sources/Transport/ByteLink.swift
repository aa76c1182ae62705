import CCurl

/// Why no bytes came.
enum ByteLinkFailure: Error, Sendable, Equatable {
  /// The deadline passed.
  case timedOut
  /// The task that waited was cancelled.
  case cancelled
  /// The other side closed the connection, or it broke.
  case closed(String)
}

/// An open connection whose bytes are sent and received as they are, TLS aside. It closes when the value is let go of.
final class ByteLink: Sendable {
  // Kept alive: a loop that has stopped would never answer.
  private let transport: Transport
  private let number: Int

  fileprivate init(transport: Transport, number: Int) {
    self.transport = transport
    self.number = number
  }

  deinit {
    transport.loop.enqueue { [number] in $0.cancel(number) }
  }

  /// Sends bytes as soon as the connection takes them. Whether it did shows when something is received.
  func send(_ bytes: [UInt8]) {
    transport.loop.enqueue { [number] in ($0.item(number) as? ByteLinkItem)?.send(bytes) }
  }

  /// Waits for bytes: at least one, at most 64 KiB. One task waits at a time.
  func receive(until deadline: ContinuousClock.Instant) async throws(ByteLinkFailure) -> [UInt8] {
    let wait = WaitMark()
    return try await withTaskCancellationHandler {
      await withCheckedContinuation {
        (continuation: CheckedContinuation<Result<[UInt8], ByteLinkFailure>, Never>) in
        transport.loop.enqueue { [number] loop in
          guard let item = loop.item(number) as? ByteLinkItem else {
            return continuation.resume(returning: .failure(.closed("the connection is closed")))
          }
          item.begin(ByteLinkItem.Wait(mark: wait, deadline: deadline) { continuation.resume(returning: $0) })
        }
        // Who was cancelled before had nothing to end yet.
        if Task.isCancelled { cancel(wait) }
      }
    } onCancel: {
      cancel(wait)
    }.get()
  }

  private func cancel(_ wait: WaitMark) {
    transport.loop.enqueue { [number] in ($0.item(number) as? ByteLinkItem)?.cancel(wait) }
  }
}

/// Tells one wait from the next.
private final class WaitMark: Sendable {}

extension Transport {
  /// Connects to a URL's host and port: name look-up, TCP, and TLS where it begins with https, no longer than `timeout`.
  func openByteLink(
    to url: String, over route: Route, within timeout: Duration
  ) async throws(TransportFailure) -> ByteLink {
    try await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<ByteLink, TransportFailure>, Never>) in
      loop.enqueue { loop in
        guard let item = ByteLinkItem(url, over: route, within: timeout, on: loop) else {
          let failure = TransportFailure(kind: .other, phase: .nameLookup, detail: "libcurl gave no handle")
          return continuation.resume(returning: .failure(failure))
        }
        item.whenConnected = { [self] failure, number in
          continuation.resume(
            returning: failure.map { .failure($0) } ?? .success(ByteLink(transport: self, number: number)))
        }
        item.number = loop.add(item)
      }
    }.get()
  }
}

/// One link, on the loop's thread.
private final class ByteLinkItem: EventLoop.SocketItem {
  /// Somebody who waits for bytes.
  struct Wait {
    var mark: WaitMark
    var deadline: ContinuousClock.Instant
    var finish: (Result<[UInt8], ByteLinkFailure>) -> Void
  }

  let easy: EasyHandle
  var whenConnected: ((TransportFailure?, _ number: Int) -> Void)?
  /// The loop's number for this item, known before anything can connect.
  var number = 0
  private let loop: EventLoop
  private let usesTLS: Bool
  private var socket: curl_socket_t?
  private var unsent: [UInt8] = []
  private var wait: Wait?
  private var breakage: ByteLinkFailure?

  /// What one wait brings at most, and what may wait to be sent to a server that does not read, in bytes.
  private static let maximumReceived = 64 * 1024
  private static let maximumUnsent = 256 * 1024

  init?(_ url: String, over route: Route, within timeout: Duration, on loop: EventLoop) {
    guard let handle = EasyHandle() else { return nil }
    easy = handle
    self.loop = loop
    usesTLS = url.hasPrefix("https:")
    handle.connectOnly(to: url, usesTLS: usesTLS, within: timeout)
    handle.take(route)
    // RFC 6455 section 4.1: a proxy is asked for a connection, never for the resource.
    if route.proxy != nil { doctor_curl_set_long(handle.pointer, CURLOPT_HTTPPROXYTUNNEL, 1) }
  }

  func finished(_ code: CURLcode) {
    guard let whenConnected else { return }
    self.whenConnected = nil
    socket = easy.connectedSocket(code)
    if socket != nil { return whenConnected(nil, number) }
    let failure = easy.failure(code, usesTLS: usesTLS)
    loop.remove(self)
    whenConnected(failure, number)
  }

  func abandoned() {
    whenConnected?(TransportFailure(kind: .other, phase: .connect, detail: "the attempt was given up"), number)
    whenConnected = nil
    end(.failure(.closed("the connection was given up")))
  }

  // Its waiter hears of bytes as they come.
  func turnEnded() {}

  var watchedSocket: (socket: curl_socket_t, wantsWrite: Bool)? {
    guard let socket, wait != nil || !unsent.isEmpty else { return nil }
    return (socket, !unsent.isEmpty)
  }

  var deadline: ContinuousClock.Instant? { wait?.deadline }

  func send(_ bytes: [UInt8]) {
    guard breakage == nil else { return }
    unsent += bytes
    if unsent.count > Self.maximumUnsent { fail("the server does not read what is sent to it") }
    write()
  }

  func begin(_ wait: Wait) {
    precondition(self.wait == nil, "one task waits at a time")
    self.wait = wait
    // libcurl and OpenSSL may hold bytes that the socket no longer shows.
    advance(now: .now)
  }

  func cancel(_ mark: WaitMark) {
    if wait?.mark === mark { end(.failure(.cancelled)) }
  }

  func advance(now: ContinuousClock.Instant) {
    write()
    if wait != nil { read() }
    if let wait, now >= wait.deadline { end(.failure(.timedOut)) }
  }

  private func write() {
    while !unsent.isEmpty, breakage == nil {
      var sent = 0
      let code = doctor_curl_easy_send(easy.pointer, unsent, unsent.count, &sent)
      if code == CURLE_AGAIN { return }
      guard code == CURLE_OK else {
        // What it said before is still to be read, and reading says how it ended.
        unsent = []
        return
      }
      unsent.removeFirst(sent)
    }
  }

  private func read() {
    var bytes: [UInt8] = []
    if breakage == nil {
      bytes = [UInt8](unsafeUninitializedCapacity: Self.maximumReceived) { buffer, count in
        while count < buffer.count {
          var received = 0
          let code = doctor_curl_easy_recv(
            easy.pointer, buffer.baseAddress.map { $0 + count }, buffer.count - count, &received)
          if code == CURLE_AGAIN { return }
          guard code == CURLE_OK else { return fail("the connection broke") }
          guard received > 0 else { return fail("the server closed the connection") }
          count += received
        }
      }
    }
    if !bytes.isEmpty { return end(.success(bytes)) }
    if let breakage { end(.failure(breakage)) }
  }

  private func fail(_ reason: String) {
    breakage = breakage ?? .closed(reason)
    unsent = []
  }

  private func end(_ result: Result<[UInt8], ByteLinkFailure>) {
    guard let wait else { return }
    self.wait = nil
    wait.finish(result)
  }
}
