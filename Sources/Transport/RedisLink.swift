import CCurl
public import Facts

/// Where a Redis link goes, and how.
public struct RedisLinkTarget: Sendable, Equatable {
  /// The host and port, or the socket's path.
  public var endpoint: RedisEndpoint
  /// What to trust when the endpoint uses TLS.
  public var tls: TLSOptions
  /// The address to connect to instead of those that the host's name leads to.
  public var address: String?
  /// A SOCKS proxy to go through, `socks5h://host:port`; nil for none.
  public var proxy: String?

  /// A target.
  public init(
    endpoint: RedisEndpoint, tls: TLSOptions = TLSOptions(), address: String? = nil, proxy: String? = nil
  ) {
    self.endpoint = endpoint
    self.tls = tls
    self.address = address
    self.proxy = proxy
  }
}

/// The reply to one command, and how long after sending it was complete.
public struct RedisExchange: Sendable, Equatable {
  /// The reply.
  public var reply: RedisReply
  /// Milliseconds since the command was sent.
  public var milliseconds: Double
  /// When the command was handed to the system; for what comes unasked, when it was first waited for.
  public var sent: ContinuousClock.Instant
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
  case open(RedisLink, ConnectionPhases, TLSSession?)
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

  /// Sends all commands and waits for as many replies, no longer than `timeout`: in one write, or one command
  /// after the other, once the one before is answered or `interval` has passed.
  public func send(
    _ commands: [RedisCommand], each interval: Duration = .zero, within timeout: Duration
  ) async -> RedisPipelineResult {
    await exchange(commands.map(\.bytes), expecting: commands.count, each: interval, within: timeout)
  }

  /// Waits for replies that come unasked: messages on channels that the link is subscribed to.
  public func receive(_ count: Int, within timeout: Duration) async -> RedisPipelineResult {
    await exchange([], expecting: count, each: .zero, within: timeout)
  }

  private func exchange(
    _ commands: [[UInt8]], expecting count: Int, each interval: Duration, within timeout: Duration
  ) async -> RedisPipelineResult {
    await withCheckedContinuation { continuation in
      transport.loop.enqueue { [number] loop in
        let pipeline = RedisLinkItem.Pipeline(
          expected: count, deadline: .now + timeout, began: .now, unsent: commands[...], interval: interval,
          finish: { continuation.resume(returning: $0) })
        guard let item = loop.item(number) as? RedisLinkItem else {
          return pipeline.end(.closed("the connection is closed"))
        }
        item.begin(pipeline)
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
              ?? .open(RedisLink(transport: self, number: result.number), result.phases, result.tls))
        }
        item.number = loop.add(item)
      }
    }
  }
}

/// One link, on the loop's thread.
final class RedisLinkItem: EventLoop.SocketItem {
  /// Commands that were sent and are being answered.
  struct Pipeline {
    var expected: Int
    var deadline: ContinuousClock.Instant
    var began: ContinuousClock.Instant
    /// The commands that were not sent yet, and the time from one to the next; none at all are sent at once.
    var unsent: ArraySlice<[UInt8]>
    var interval: Duration
    var nextSend: ContinuousClock.Instant?
    /// When each command was sent.
    var sent: [ContinuousClock.Instant] = []
    var exchanges: [RedisExchange] = []
    var finish: (RedisPipelineResult) -> Void

    var isAnswered: Bool { exchanges.count == expected }
    /// When the command that is answered next was sent.
    var sentForNext: ContinuousClock.Instant { exchanges.count < sent.count ? sent[exchanges.count] : began }

    func end(_ failure: RedisLinkFailure?) {
      finish(
        RedisPipelineResult(
          exchanges: exchanges, failure: failure, milliseconds: began.duration(to: .now).milliseconds))
    }
  }

  typealias Connected = (
    failure: TransportFailure?, phases: ConnectionPhases, tls: TLSSession?, milliseconds: Double, number: Int
  )

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
  /// How many bytes came for the pipeline at hand, and whether more may be held that the socket does not show.
  private var received = 0
  private var mayHoldMore = false

  /// What all replies of a pipeline may take, in bytes, and how many are read before others have their turn.
  private static let maximumPipelineBytes = 16 * 1024 * 1024
  private static let turnBytes = 1024 * 1024

  init?(_ target: RedisLinkTarget, within timeout: Duration, on loop: EventLoop) {
    guard let reader = RedisReader(), let handle = EasyHandle() else { return nil }
    easy = handle
    self.loop = loop
    self.reader = reader
    let endpoint = target.endpoint
    usesTLS = endpoint.usesTLS
    let easy = handle.pointer
    let scheme = endpoint.usesTLS ? "https" : "http"
    let url: String
    if endpoint.isUnixSocket {
      doctor_curl_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, endpoint.host)
      url = "\(scheme)://localhost"
    } else {
      let name = target.tls.serverName ?? endpoint.host
      let host = name.contains(":") ? "[\(name)]" : name
      url = "\(scheme)://\(host):\(endpoint.port)"
      if let address = target.address ?? target.tls.serverName.map({ _ in endpoint.host }) {
        handle.connect(to: address, port: endpoint.port)
      }
      if let proxy = target.proxy { doctor_curl_set_string(easy, CURLOPT_PROXY, proxy) }
    }
    handle.connectOnly(to: url, usesTLS: usesTLS, within: timeout)
    target.tls.apply(to: easy)
  }

  func finished(_ code: CURLcode) {
    guard let whenConnected else { return }
    self.whenConnected = nil
    let elapsed = easy.began.duration(to: .now).milliseconds
    let phases = easy.phases
    if let socket = easy.connectedSocket(code) {
      self.socket = socket
      return whenConnected((nil, phases, usesTLS ? easy.tlsSession : nil, elapsed, number))
    }
    let failure = easy.failure(code, usesTLS: usesTLS)
    loop.remove(self)
    whenConnected((failure, phases, nil, elapsed, number))
  }

  func abandoned() {
    let failure = TransportFailure(kind: .other, phase: .connect, detail: "the attempt was given up")
    whenConnected?((failure, ConnectionPhases(), nil, easy.began.duration(to: .now).milliseconds, number))
    whenConnected = nil
    end(.closed("the connection was given up"))
  }

  /// Takes commands on. One pipeline at a time: a probe awaits each before the next.
  func begin(_ pipeline: Pipeline) {
    if let breakage { return pipeline.end(breakage) }
    precondition(self.pipeline == nil, "a link takes one pipeline at a time")
    self.pipeline = pipeline
    received = 0
    if pipeline.expected == 0 { return end(nil) }
    // What came with the last reply is held by the reader already.
    take(UnsafeRawBufferPointer(start: nil, count: 0))
    advance(now: .now)
  }

  // Its waiters hear of every reply as it comes.
  func turnEnded() {}

  var watchedSocket: (socket: curl_socket_t, wantsWrite: Bool)? {
    socket == CURL_SOCKET_BAD || pipeline == nil ? nil : (socket, !unsent.isEmpty)
  }

  var deadline: ContinuousClock.Instant? {
    if pipeline != nil, mayHoldMore { return .now }
    return pipeline.map { pipeline in pipeline.nextSend.map { min($0, pipeline.deadline) } ?? pipeline.deadline }
  }

  func advance(now: ContinuousClock.Instant) {
    guard pipeline != nil else { return }
    takeUpCommands(now)
    writeWhatFits()
    readWhatCame()
    if let pipeline, now >= pipeline.deadline { end(.timedOut) }
  }

  /// Moves the commands that are due to what is to be sent.
  private func takeUpCommands(_ now: ContinuousClock.Instant) {
    guard var pipeline else { return }
    while let command = pipeline.unsent.first {
      if let next = pipeline.nextSend, now < next { break }
      pipeline.unsent.removeFirst()
      pipeline.sent.append(now)
      unsent += command
      pipeline.nextSend = pipeline.interval > .zero && !pipeline.unsent.isEmpty ? now + pipeline.interval : nil
    }
    self.pipeline = pipeline
  }

  private func writeWhatFits() {
    while pipeline != nil, !unsent.isEmpty {
      var sent = 0
      let code = doctor_curl_easy_send(easy.pointer, unsent, unsent.count, &sent)
      if code == CURLE_AGAIN { return }
      guard code == CURLE_OK else {
        // What it said before is still to be read.
        unsent = []
        readWhatCame()
        return end(.closed("the connection broke while sending"))
      }
      unsent.removeFirst(sent)
    }
  }

  private func readWhatCame() {
    // libcurl and OpenSSL may hold bytes that the socket no longer shows: read until there are none.
    mayHoldMore = false
    let quota = received + Self.turnBytes
    withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 1) { buffer in
      while pipeline != nil {
        guard self.received < quota else {
          mayHoldMore = true
          return
        }
        var received = 0
        let code = doctor_curl_easy_recv(easy.pointer, buffer.baseAddress, buffer.count, &received)
        if code == CURLE_AGAIN { return }
        guard code == CURLE_OK else { return end(.closed("the connection broke while receiving")) }
        guard received > 0 else { return end(.closed("the server closed the connection")) }
        self.received += received
        guard self.received <= Self.maximumPipelineBytes else {
          return end(.notRedis("more than \(Self.maximumPipelineBytes / 1024 / 1024) MiB of replies"))
        }
        take(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<received]))
      }
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    do {
      if bytes.count > 0 { try reader.feed(bytes) }
      while pipeline != nil, let reply = try reader.next() { take(reply) }
    } catch {
      end(.notRedis(error.detail))
    }
  }

  /// Changes the pipeline in place: a copy held meanwhile would make each of many replies cost as much as all before it.
  private func take(_ reply: RedisReply) {
    guard let sent = pipeline?.sentForNext else { return }
    pipeline?.exchanges.append(
      RedisExchange(reply: reply, milliseconds: sent.duration(to: .now).milliseconds, sent: sent))
    // Who answers sooner than the interval is asked again at once.
    if pipeline?.unsent.isEmpty == false { pipeline?.nextSend = .now }
    if pipeline?.isAnswered == true { end(nil) }
  }

  private func end(_ failure: RedisLinkFailure?) {
    guard let pipeline else { return }
    self.pipeline = nil
    // After a failure the replies can no longer be matched to commands.
    breakage = breakage ?? failure
    pipeline.end(failure)
  }
}
