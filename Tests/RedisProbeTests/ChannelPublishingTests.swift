import Facts
import RedisProbe
import TestServers
import Testing
import Transport

@Suite("Publishing on a channel of the run's own", .timeLimit(.minutes(5)))
struct ChannelPublishingTests {
  private let channel = DriveChannel(of: .redisStreams, nonce: "5f3a")

  /// What was published by the time that so many messages were answered, or until it failed.
  private func publish(
    _ count: Int, to url: String, caFile: String? = nil, stepTimeout: Duration = .seconds(40)
  ) async throws -> StreamDrive.Publisher {
    let probe = RedisProbe(stepTimeout: stepTimeout, tls: TLSOptions(caFile: caFile))
    let publishing = ChannelPublishing(on: channel, keyPrefix: nil, epoch: .now, numbers: (first: 1, step: 1))
    let target = try redisTarget(Secret(url))
    let transport = try Transport()
    let (news, report) = AsyncStream.makeStream(of: StreamDrive.Publisher.self)
    let (start, starting) = AsyncStream.makeStream(of: Void.self)
    starting.finish()
    let work = Task {
      await publishing.publish(to: target, through: probe, over: transport, from: start) { report.yield($0) }
      report.finish()
    }
    var last = publishing.facts(beforeTrying: target, through: probe)
    for await publisher in news {
      last = publisher
      if publisher.publications.count(where: { $0.receivers != nil }) == count { break }
    }
    work.cancel()
    await work.value
    return last
  }

  @Test(
    "reaches who has subscribed, through sentinels and past a password and a database, and what came before is none")
  func sentinels() async throws {
    var configuration = RedisServer.Configuration()
    configuration.password = "sesame"
    try await TestServers.RedisSentinels.withSentinels(servers: configuration) { group in
      let master = group.servers[0]
      let addresses = group.sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
      try await TCPConnection.with(port: master.port) { listener in
        try listener.send("AUTH sesame\r\nSUBSCRIBE sse:channel:\(channel.name)\r\n")
        _ = try await listener.receive { $0.hasSuffix(":1\r\n") }
        let publisher = try await publish(7, to: "redis+sentinel://:sesame@\(addresses)/mymaster/2")
        #expect(publisher.failure == nil)
        #expect(publisher.redisURL == "redis://127.0.0.1:\(master.port)/2")
        #expect(publisher.names == ["sse:channel:\(channel.name)"])
        #expect(publisher.publications.map(\.number) == Array(1...7))
        #expect(publisher.publications.map(\.receivers) == [1, 1, 1, 1, 1, 1, 1])
        // Six in quick and uneven succession, and the next one a second later; a busy machine takes longer.
        let sent = publisher.publications.map(\.sentMilliseconds)
        let pauses = zip(sent, sent.dropFirst()).map { $1 - $0 }
        #expect(zip(pauses, [260, 410, 260, 410, 260, 1000]).allSatisfy { $0 >= $1 }, "\(pauses)")
        let received = try await listener.receive { $0.contains(":7\\\"}") }.text
        #expect(received.contains("\"type\":\"message\"") && received.contains(":1\\\"}"))
      }
    }
  }

  @Test("goes over TLS, and is not kept waiting for ever by a lack of subscribers")
  func tls() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await withRedis {
        $0.tls = certificates
      } _: { server in
        let url = try #require(server.tlsURL())
        let publisher = try await publish(2, to: url, caFile: certificates.caFile)
        #expect(publisher.failure == nil)
        #expect(publisher.publications.map(\.receivers) == [0, 0])
        let untrusted = try await publish(1, to: url)
        #expect(untrusted.failure?.hasPrefix("TLS handshake: ") == true)
        #expect(untrusted.publications.isEmpty)
      }
    }
  }

  @Test("whatever comes in Redis' place, it ends and says why", arguments: HostileRedis.allCases)
  func hostile(_ hostile: HostileRedis) async throws {
    try await RawTCPServer.withServer(hostile.script) { server in
      let publisher = try await publish(
        1, to: "redis://:canary-7f3a@127.0.0.1:\(server.port)", stepTimeout: .milliseconds(600))
      #expect(publisher.failure != nil)
      #expect(publisher.publications.isEmpty)
      #expect(!"\(publisher)".contains("canary"))
    }
  }
}
