import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// What an imitated server of flock's is like.
public struct FlockSettings: Sendable {
  /// The port of its Redis on 127.0.0.1; nil where FLOCK_REDIS_URL is not set.
  public var redisPort: Int?
  /// The keys of which a join has to have one; none for any.
  public var apiKeys: [String] = []
  /// Whether it repeats the key that it refuses.
  public var echoesKey = false
  /// How many users a room takes (FLOCK_MAX_ROOM_SIZE).
  public var maximumRoomSize = 10
  /// Whether it subscribes to its rooms' channels.
  public var listens = true
  /// Whether it publishes on them.
  public var speaks = true
  /// How many joins of a user it lets pass before it subscribes: the real one acknowledges before it is subscribed.
  public var joinsBeforeListening = 0
  /// What it says to everybody who joins, before it acknowledges.
  public var babble: [String] = []
  /// Whether it forgets to remove what it keeps of a user.
  public var keepsTraces = false

  /// One without Redis, which takes everybody.
  public init(redisPort: Int? = nil) { self.redisPort = redisPort }
}

/// An imitation of flock's server: rooms over WebSocket on any path, whose instances tell each other over Redis.
public struct FlockServer: Sendable {
  /// The port on 127.0.0.1.
  public let port: Int
  private let rooms: FlockRooms

  /// Its URL.
  public var url: String { "http://127.0.0.1:\(port)/" }
  /// How many users are in its rooms.
  public var users: Int {
    get async throws { try await rooms.loop.submit { [rooms] in rooms.count }.get() }
  }
  /// The types of all messages that came, in order.
  public var said: [String] {
    get async throws { try await rooms.loop.submit { [rooms] in rooms.said }.get() }
  }

  /// Runs the body with a server for each of the settings, and stops them afterwards, also when the body throws.
  public static func withServers<R>(
    _ settings: [FlockSettings], _ body: ([FlockServer]) async throws -> R
  ) async throws -> R {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    return try await withCleanUp {
      var servers: [FlockServer] = []
      for settings in settings { servers.append(try await start(settings, on: group)) }
      return try await body(servers)
    } cleanUp: {
      try? await group.shutdownGracefully()
    }
  }

  private static func start(_ settings: FlockSettings, on group: MultiThreadedEventLoopGroup) async throws -> Self {
    let rooms = FlockRooms(settings, on: group.next())
    if let port = settings.redisPort {
      let commands = try await FlockRedis.connect(port: port, on: rooms.loop) { _ in }
      let subscriber = try await FlockRedis.connect(port: port, on: rooms.loop) { [rooms] in rooms.hear($0) }
      try await rooms.loop.submit {
        (rooms.commands, rooms.subscriber) = (commands, subscriber)
        // The real one does on a third connection, to see whose presence expires.
        subscriber.send("SUBSCRIBE", "__keyevent@0__:expired")
      }.get()
    }
    let channel = try await ServerBootstrap(group: group)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let upgrader = NIOWebSocketServerUpgrader(
            shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture([:]) },
            upgradePipelineHandler: { channel, _ in
              channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(FlockConnection(rooms))
              }
            })
          let plain = PlainHTTP()
          let removing = NIOLoopBound(plain, eventLoop: channel.eventLoop)
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(
            withServerUpgrade: (
              upgraders: [upgrader],
              completionHandler: { $0.pipeline.syncOperations.removeHandler(removing.value, promise: nil) }
            ))
          try channel.pipeline.syncOperations.addHandler(plain)
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return FlockServer(port: channel.localAddress?.port ?? 0, rooms: rooms)
  }
}

/// What a request without an upgrade gets: 404.
private final class PlainHTTP: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .end = unwrapInboundIn(data) else { return }
    let head = HTTPResponseHead(version: .http1_1, status: .notFound, headers: ["Content-Length": "0"])
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }
}

/// One client's WebSocket.
private final class FlockConnection: ChannelInboundHandler {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let rooms: FlockRooms
  private var context: ChannelHandlerContext?
  var user: (room: String, id: String)?

  init(_ rooms: FlockRooms) { self.rooms = rooms }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }
  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
  func channelInactive(context: ChannelHandlerContext) { rooms.leave(self) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    // A client masks what it sends (RFC 6455 section 5.1).
    guard frame.maskKey != nil else { return context.close(promise: nil) }
    switch frame.opcode {
    case .text: rooms.take(Data(frame.unmaskedData.readableBytesView), from: self)
    case .connectionClose: close()
    default: break
    }
  }

  func send(_ message: [String: Any]) {
    if let bytes = try? JSONSerialization.data(withJSONObject: message) { say(bytes) }
  }

  func say(_ bytes: some Collection<UInt8>) {
    guard let context else { return }
    let frame = WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(bytes: bytes))
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
  }

  func close() {
    guard let context else { return }
    let frame = WebSocketFrame(fin: true, opcode: .connectionClose, data: ByteBuffer())
    context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
    context.close(promise: nil)
  }
}

/// A server's rooms. All of it happens on the loop.
private final class FlockRooms: @unchecked Sendable {
  let loop: any EventLoop
  var commands: FlockRedis?
  var subscriber: FlockRedis?
  private(set) var said: [String] = []
  private let settings: FlockSettings
  private let instanceID = UUID().uuidString
  private var users: [String: [String: FlockConnection]] = [:]
  private var joins: [String: Int] = [:]

  init(_ settings: FlockSettings, on loop: any EventLoop) { (self.settings, self.loop) = (settings, loop) }

  var count: Int { users.values.reduce(0) { $0 + $1.count } }

  func take(_ bytes: Data, from connection: FlockConnection) {
    guard let message = try? JSONSerialization.jsonObject(with: bytes) as? [String: Any],
      let type = message["type"] as? String
    else { return }
    said.append(type)
    switch type {
    case "join": join(message, connection)
    case "leave": leave(connection)
    case "heartbeat": connection.send(["type": "heartbeat:ack"])
    default: break
    }
  }

  private func join(_ message: [String: Any], _ connection: FlockConnection) {
    guard let room = message["roomId"] as? String, let user = message["userId"] as? String,
      let metadata = message["metadata"] as? [String: Any]
    else { return }
    if !settings.apiKeys.isEmpty, !settings.apiKeys.contains(message["apiKey"] as? String ?? "") {
      let echo = settings.echoesKey ? " \(message["apiKey"] ?? "")" : ""
      return refuse("INVALID_API_KEY", "invalid or missing api key\(echo)", connection)
    }
    if users[room, default: [:]][user] == nil, users[room, default: [:]].count >= settings.maximumRoomSize {
      return refuse("ROOM_FULL", "room is full", connection)
    }
    let others = users[room, default: [:]].keys.filter { $0 != user }.map { ["userId": $0, "metadata": [:]] }
    users[room, default: [:]][user] = connection
    connection.user = (room, user)
    commands?.send("MULTI")
    commands?.send("HSET", "flock:presence:\(room):\(user)", "metadata", "{}", "joinedAt", "0")
    commands?.send("EXPIRE", "flock:presence:\(room):\(user)", "30")
    commands?.send("SADD", "flock:room:\(room):members", user)
    commands?.send("EXEC")
    joins[room, default: 0] += 1
    if settings.listens, joins[room, default: 0] > settings.joinsBeforeListening {
      subscriber?.send("SUBSCRIBE", "flock:broadcast:\(room)")
    }
    for text in settings.babble { connection.say(Array(text.utf8)) }
    connection.send(["type": "join:ack", "roomId": room, "users": others])
    broadcast(["type": "user:joined", "roomId": room, "userId": user, "metadata": metadata], room, except: connection)
  }

  private func refuse(_ code: String, _ message: String, _ connection: FlockConnection) {
    connection.send(["type": "error", "code": code, "message": message])
    connection.close()
  }

  func leave(_ connection: FlockConnection) {
    guard let (room, user) = connection.user else { return }
    connection.user = nil
    users[room]?[user] = nil
    if !settings.keepsTraces {
      commands?.send("DEL", "flock:presence:\(room):\(user)", "flock:cursor:\(room):\(user)")
      commands?.send("SREM", "flock:room:\(room):members", user)
    }
    broadcast(["type": "user:left", "roomId": room, "userId": user], room, except: connection)
    if users[room]?.isEmpty == true {
      users[room] = nil
      subscriber?.send("UNSUBSCRIBE", "flock:broadcast:\(room)")
    }
  }

  private func broadcast(_ message: [String: Any], _ room: String, except sender: FlockConnection?) {
    for connection in users[room, default: [:]].values where connection !== sender { connection.send(message) }
    guard sender != nil, settings.speaks else { return }
    let envelope: [String: Any] = ["instanceId": instanceID, "message": message]
    guard let bytes = try? JSONSerialization.data(withJSONObject: envelope) else { return }
    commands?.send("PUBLISH", "flock:broadcast:\(room)", String(decoding: bytes, as: UTF8.self))
  }

  /// Passes on what another instance published.
  func hear(_ reply: [String]) {
    guard reply.count == 3, reply[0] == "message",
      let envelope = try? JSONSerialization.jsonObject(with: Data(reply[2].utf8)) as? [String: Any],
      envelope["instanceId"] as? String != instanceID, let message = envelope["message"] as? [String: Any]
    else { return }
    broadcast(message, String(reply[1].dropFirst("flock:broadcast:".count)), except: nil)
  }
}
