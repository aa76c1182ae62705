import Facts
import NIOCore
import NIOPosix
import Transport

/// A connection to Redis as ioredis 5 keeps it by default: commands wait while there is none, it comes back after
/// 50 milliseconds more each time, 2 seconds at most, and what still waits after 20 tries fails.
final class RedisConnection {
  typealias Completion = (Result<RedisReply, FanOutFailure>) -> Void

  /// What comes unasked: messages on channels that are subscribed to.
  var whenPushed: ([RedisReply]) -> Void = { _ in }
  /// The connection is made, and nothing that waited has been sent yet.
  var whenReady: () -> Void = {}
  /// The connection, which was ready, is gone.
  var whenLost: () -> Void = {}

  private struct Command {
    var bytes: [UInt8]
    var replies = 1
    var completion: Completion
  }

  private enum State {
    case idle, connecting, preparing, ready, waiting, closed
  }

  private let redis: OriginRedis
  private let loop: any EventLoop
  private let errors: RedisErrorLog
  private let isNarrow: Bool
  private var state = State.idle
  private var channel: (any Channel)?
  private var reader: RedisReader?
  private var unsent: [Command] = []
  private var sent: CircularBuffer<Command> = []
  /// How many of its replies the first of those has.
  private var replied = 0
  private var waitingBytes = 0
  private var attempts = 0
  private var timer: Scheduled<Void>?

  /// How long ioredis lets a connection take.
  private static let connectTimeout = TimeAmount.seconds(10)
  /// More commands, and bytes of commands, than streams and publishers ever need at once: past it they fail.
  private static let maximumWaiting = 10_000
  private static let maximumWaitingBytes = 64 << 20

  /// - Parameter isNarrow: whether little fits into the connection.
  init(_ redis: OriginRedis, on loop: any EventLoop, _ errors: RedisErrorLog, isNarrow: Bool = false) {
    self.redis = redis
    self.loop = loop
    self.errors = errors
    self.isNarrow = isNarrow
  }

  /// Connects, if that was not done yet.
  func open() {
    if state == .idle { connect() }
  }

  /// Ends the connection for good.
  func close() {
    state = .closed
    timer?.cancel()
    channel?.close(promise: nil)
    fail("the origin was stopped")
  }

  /// Sends a command, as soon as that is possible.
  func send(_ arguments: [String], then completion: @escaping Completion) {
    send(RedisCommand(arguments), then: completion)
  }

  /// Sends a command, as soon as that is possible; an error takes the place of all its replies.
  func send(_ command: RedisCommand, replies: Int = 1, then completion: @escaping Completion) {
    let size = command.bytes.count
    guard state != .closed, unsent.count + sent.count < Self.maximumWaiting,
      waitingBytes + size <= Self.maximumWaitingBytes
    else {
      return completion(.failure(FanOutFailure(reason: "too many commands wait for Redis")))
    }
    waitingBytes += size
    let command = Command(bytes: command.bytes, replies: replies) { [weak self] result in
      self?.waitingBytes -= size
      completion(result)
    }
    if state == .ready { transmit(command) } else { unsent.append(command) }
  }

  /// Leaves what comes unread for so long, or until the connection is lost.
  func pauseReading(for pause: Duration) {
    guard let channel, let options = channel.syncOptions else { return }
    try? options.setOption(.autoRead, value: false)
    loop.assumeIsolated().scheduleTask(in: TimeAmount(pause)) { try? options.setOption(.autoRead, value: true) }
  }

  private func connect() {
    state = .connecting
    let bound = NIOLoopBound(self, eventLoop: loop)
    var bootstrap = ClientBootstrap(group: loop)
      .connectTimeout(Self.connectTimeout)
      .channelOption(.socketOption(.tcp_nodelay), value: 1)
    if isNarrow {
      // The other side's buffer grows with the size of segments, and with how much was read at once before.
      bootstrap = bootstrap.channelOption(.socketOption(.so_rcvbuf), value: 4096)
        .channelOption(.maxMessagesPerRead, value: 1)
        .channelOption(ChannelOptions.Types.SocketOption(level: .tcp, name: .init(rawValue: TCP_MAXSEG)), value: 536)
    }
    bootstrap
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(bound.value))
        }
      }
      .connect(host: redis.endpoint.host, port: redis.endpoint.port)
      .assumeIsolated()
      .whenComplete { result in
        switch result {
        case .success: break
        case .failure(let error):
          self.errors.report(error)
          self.reconnect()
        }
      }
  }

  /// Takes up a connection that was made: entering and choosing the database come before all else.
  fileprivate func connected(_ channel: any Channel) {
    guard state == .connecting, let reader = RedisReader() else { return channel.close(promise: nil) }
    self.channel = channel
    self.reader = reader
    replied = 0
    state = .preparing
    if let password = redis.password {
      let user = redis.username.map { [$0.reveal()] } ?? []
      transmit(["AUTH"] + user + [password.reveal()]) { connection, message in
        // A password that is not asked for is no obstacle to ioredis.
        let isNeedless = message.contains("no password is set") || message.contains("without any password configured")
        if !isNeedless { connection.abandon(message) }
      }
    }
    if redis.endpoint.database != 0 {
      transmit(["SELECT", String(redis.endpoint.database)]) { $0.errors.report("ReplyError", $1) }
    }
    // The ready check, which a user need not be allowed.
    transmit(["INFO"]) { connection, message in
      if message.hasPrefix("NOPERM") {
        connection.errors.reportSkippedReadyCheck(message)
        connection.becomeReady()
      } else {
        connection.abandon("Ready check failed: \(message)")
      }
    } success: { connection, reply in
      // Connecting again is ioredis' answer to a server that loads its data.
      if reply.text?.contains("loading:1") == true {
        connection.channel?.close(promise: nil)
      } else {
        connection.becomeReady()
      }
    }
  }

  private func becomeReady() {
    guard state == .preparing else { return }
    state = .ready
    attempts = 0
    let waiting = unsent
    unsent = []
    whenReady()
    for command in waiting { transmit(command) }
  }

  /// Gives a connection up on which nothing can be done, and all that waits for it.
  private func abandon(_ message: String) {
    guard state == .preparing else { return }
    errors.report("ReplyError", message)
    sent = []
    fail("ReplyError: \(message)")
    channel?.close(promise: nil)
  }

  /// Sends a command of the preparation.
  private func transmit(
    _ arguments: [String], failure: @escaping (RedisConnection, String) -> Void,
    success: @escaping (RedisConnection, RedisReply) -> Void = { _, _ in }
  ) {
    transmit(
      Command(bytes: RedisCommand(arguments).bytes) { [weak self] result in
        guard let self else { return }
        switch result {
        case .success(let reply): success(self, reply)
        case .failure(let error): failure(self, error.reason)
        }
      })
  }

  private func transmit(_ command: Command) {
    guard let channel else { return unsent.append(command) }
    sent.append(command)
    channel.writeAndFlush(ByteBuffer(bytes: command.bytes), promise: nil)
  }

  fileprivate func received(_ buffer: ByteBuffer) {
    guard let reader else { return }
    do {
      try buffer.withUnsafeReadableBytes { try reader.feed($0) }
      while let reply = try reader.next() { take(reply) }
    } catch {
      errors.report("ParserError", "Protocol error, the other side is no Redis")
      channel?.close(promise: nil)
    }
  }

  private func take(_ reply: RedisReply) {
    if case .array(let parts) = reply, parts.first?.text == "message" { return whenPushed(parts) }
    guard let command = sent.first else { return }
    if case .error = reply { replied = command.replies } else { replied += 1 }
    guard replied == command.replies else { return }
    sent.removeFirst()
    replied = 0
    if case .error(let message) = reply {
      // While connecting, only what a completion reports is said.
      let shown = errors.shown(message)
      command.completion(.failure(FanOutFailure(reason: state == .preparing ? shown : "ReplyError: \(shown)")))
    } else {
      command.completion(.success(reply))
    }
  }

  fileprivate func disconnected() {
    guard channel != nil else { return }
    channel = nil
    reader = nil
    let wasReady = state == .ready
    let unanswered = sent
    sent = []
    // What was not answered is sent again; the preparation begins anew.
    if wasReady {
      unsent = Array(unanswered) + unsent
      whenLost()
    }
    reconnect()
  }

  private func reconnect() {
    guard state != .closed else { return }
    state = .waiting
    attempts += 1
    if let tries = redis.triesPerCommand, attempts.isMultiple(of: tries + 1) {
      fail(
        "MaxRetriesPerRequestError: Reached the max retries per request limit (which is \(tries)). "
          + "Refer to \"maxRetriesPerRequest\" option for details.")
    }
    let pause = TimeAmount.milliseconds(Int64(min(50 * attempts, 2000)))
    timer = loop.assumeIsolated().scheduleTask(in: pause) { self.connect() }
  }

  private func fail(_ reason: String) {
    let failed = Array(sent) + unsent
    sent = []
    unsent = []
    for command in failed { command.completion(.failure(FanOutFailure(reason: reason))) }
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private let connection: RedisConnection

    init(_ connection: RedisConnection) {
      self.connection = connection
    }

    func channelActive(context: ChannelHandlerContext) {
      connection.connected(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      connection.received(unwrapInboundIn(data))
    }

    func channelInactive(context: ChannelHandlerContext) {
      connection.disconnected()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      context.close(promise: nil)
    }
  }
}
