import CCurl
public import Facts

/// Where a Redis link goes, and how.
public struct RedisLinkTarget: Sendable, Equatable {
  /// The host and port, or the socket's path.
  public var endpoint: RedisEndpoint
  /// What to trust when the endpoint uses TLS.
  public var tls: TLSOptions

  /// A target.
  public init(endpoint: RedisEndpoint, tls: TLSOptions = TLSOptions()) {
    self.endpoint = endpoint
    self.tls = tls
  }
}

/// The reply to one command, and how long after sending it was complete.
public struct RedisExchange: Sendable, Equatable {
  /// The reply.
  public var reply: RedisReply
  /// Milliseconds since the pipeline was sent.
  public var milliseconds: Double
}

/// Why a pipeline has fewer replies than commands.
public enum RedisLinkFailure: Error, Sendable, Equatable {
  /// The deadline passed.
  case timedOut
  /// The server closed the connection, or it broke.
  case closed(String)
  /// What came is not the Redis protocol.
  case notRedis(String)
}

/// The replies that came, in the order of the commands, and why there are no more if some are missing.
public struct RedisPipelineResult: Sendable, Equatable {
  /// One exchange for each command that was answered.
  public var exchanges: [RedisExchange]
  /// Why the rest was not answered; nil when all were.
  public var failure: RedisLinkFailure?
  /// Milliseconds until the last reply or the failure.
  public var milliseconds: Double
}

/// How opening a link came out.
public enum RedisLinkOpening: Sendable {
  case open(RedisLink, ConnectionPhases)
  case failed(TransportFailure, ConnectionPhases, milliseconds: Double)
}

/// An open connection to a Redis server. It closes when the value is let go of.
public final class RedisLink: Sendable {
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

  /// Sends all commands in one write and waits for as many replies, no longer than `timeout`.
  public func send(_ commands: [RedisCommand], within timeout: Duration) async -> RedisPipelineResult {
    await withCheckedContinuation { continuation in
      transport.loop.enqueue { [number] loop in
        let pipeline = RedisLinkItem.Pipeline(
          expected: commands.count, deadline: .now + timeout, began: .now,
          finish: { continuation.resume(returning: $0) })
        guard let item = loop.item(number) as? RedisLinkItem else {
          return pipeline.end(.closed("the connection is closed"))
        }
        item.begin(pipeline, bytes: commands.flatMap(\.bytes))
      }
    }
  }
}

extension Transport {
  /// Connects to a Redis server: name look-up, TCP, and TLS where the endpoint wants it, no longer than `timeout`.
  ///
  /// libcurl makes the connection (CURLOPT_CONNECT_ONLY), so that name look-up, TCP and TLS each have their time.
  public func openRedisLink(to target: RedisLinkTarget, within timeout: Duration) async -> RedisLinkOpening {
    await withCheckedContinuation { continuation in
      loop.enqueue { loop in
        guard let item = RedisLinkItem(target, within: timeout, on: loop) else {
          let failure = TransportFailure(kind: .other, phase: .nameLookup, detail: "libcurl gave no handle")
          return continuation.resume(returning: .failed(failure, ConnectionPhases(), milliseconds: 0))
        }
        item.whenConnected = { [self] result in
          continuation.resume(
            returning: result.failure.map { .failed($0, result.phases, milliseconds: result.milliseconds) }
              ?? .open(RedisLink(transport: self, number: result.number), result.phases))
        }
        item.number = loop.add(item)
      }
    }
  }
}

/// One link, on the loop's thread.
final class RedisLinkItem: EventLoop.Item {
  /// Commands that were sent and are being answered.
  struct Pipeline {
    var expected: Int
    var deadline: ContinuousClock.Instant
    var began: ContinuousClock.Instant
    var exchanges: [RedisExchange] = []
    var finish: (RedisPipelineResult) -> Void

    func end(_ failure: RedisLinkFailure?) {
      finish(
        RedisPipelineResult(
          exchanges: exchanges, failure: failure, milliseconds: began.duration(to: .now).milliseconds))
    }
  }

  typealias Connected = (failure: TransportFailure?, phases: ConnectionPhases, milliseconds: Double, number: Int)

  let easy: EasyHandle
  var whenConnected: ((Connected) -> Void)?
  /// The loop's number for this item, known before anything can connect.
  var number = 0
  private let loop: EventLoop
  private let reader: RedisReader
  private let usesTLS: Bool
  private var socket: curl_socket_t = CURL_SOCKET_BAD
  private var unsent: [UInt8] = []
  private var pipeline: Pipeline?
  private var breakage: RedisLinkFailure?

  init?(_ target: RedisLinkTarget, within timeout: Duration, on loop: EventLoop) {
    guard let reader = RedisReader(), let handle = EasyHandle() else { return nil }
    easy = handle
    self.loop = loop
    self.reader = reader
    let endpoint = target.endpoint
    usesTLS = endpoint.usesTLS
    let easy = handle.pointer
    let scheme = endpoint.usesTLS ? "https" : "http"
    if endpoint.isUnixSocket {
      doctor_curl_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, endpoint.host)
      doctor_curl_set_string(easy, CURLOPT_URL, "\(scheme)://localhost")
    } else {
      let host = endpoint.host.contains(":") ? "[\(endpoint.host)]" : endpoint.host
      doctor_curl_set_string(easy, CURLOPT_URL, "\(scheme)://\(host):\(endpoint.port)")
    }
    doctor_curl_set_long(easy, CURLOPT_CONNECT_ONLY, 1)
    doctor_curl_set_long(easy, CURLOPT_SSL_ENABLE_ALPN, 0)
    doctor_curl_set_long(easy, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(timeout.milliseconds)))
    target.tls.apply(to: easy)
  }

  func finished(_ code: CURLcode) {
    guard let whenConnected else { return }
    self.whenConnected = nil
    let elapsed = easy.began.duration(to: .now).milliseconds
    let phases = easy.phases
    if code == CURLE_OK, doctor_curl_get_socket(easy.pointer, &socket) == CURLE_OK, socket != CURL_SOCKET_BAD {
      return whenConnected((nil, phases, elapsed, number))
    }
    let failure = easy.failure(code, usesTLS: usesTLS)
    loop.remove(self)
    whenConnected((failure, phases, elapsed, number))
  }

  func abandoned() {
    let failure = TransportFailure(kind: .other, phase: .connect, detail: "the attempt was given up")
    whenConnected?((failure, ConnectionPhases(), easy.began.duration(to: .now).milliseconds, number))
    whenConnected = nil
    end(.closed("the connection was given up"))
  }

  /// Takes commands on. One pipeline at a time: a probe awaits each before the next.
  func begin(_ pipeline: Pipeline, bytes: [UInt8]) {
    if let breakage { return pipeline.end(breakage) }
    precondition(self.pipeline == nil, "a link takes one pipeline at a time")
    self.pipeline = pipeline
    unsent += bytes
    advance(now: .now)
  }

  var watchedSocket: (socket: curl_socket_t, wantsWrite: Bool)? {
    socket == CURL_SOCKET_BAD || pipeline == nil ? nil : (socket, !unsent.isEmpty)
  }

  var deadline: ContinuousClock.Instant? { pipeline?.deadline }

  func advance(now: ContinuousClock.Instant) {
    guard pipeline != nil else { return }
    writeWhatFits()
    readWhatCame()
    if let pipeline, now >= pipeline.deadline { end(.timedOut) }
  }

  private func writeWhatFits() {
    while pipeline != nil, !unsent.isEmpty {
      var sent = 0
      let code = doctor_curl_easy_send(easy.pointer, unsent, unsent.count, &sent)
      if code == CURLE_AGAIN { return }
      guard code == CURLE_OK else { return end(.closed("the connection broke while sending")) }
      unsent.removeFirst(sent)
    }
  }

  private func readWhatCame() {
    // libcurl and OpenSSL may hold bytes that the socket no longer shows: read until there are none.
    withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { buffer in
      while pipeline != nil {
        var received = 0
        let code = doctor_curl_easy_recv(easy.pointer, buffer.baseAddress, buffer.count, &received)
        if code == CURLE_AGAIN { return }
        guard code == CURLE_OK else { return end(.closed("the connection broke while receiving")) }
        guard received > 0 else { return end(.closed("the server closed the connection")) }
        take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<received]))
      }
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    do {
      try reader.feed(bytes)
      while let pipeline, let reply = try reader.next() {
        let elapsed = pipeline.began.duration(to: .now).milliseconds
        self.pipeline?.exchanges.append(RedisExchange(reply: reply, milliseconds: elapsed))
        if pipeline.exchanges.count + 1 == pipeline.expected { end(nil) }
      }
    } catch {
      end(.notRedis(error.detail))
    }
  }

  private func end(_ failure: RedisLinkFailure?) {
    guard let pipeline else { return }
    self.pipeline = nil
    // After a failure the replies can no longer be matched to commands.
    breakage = breakage ?? failure
    pipeline.end(failure)
  }
}
