import Foundation
import TestServers
import Testing

/// A name that nobody knows but who is told (RFC 2606).
private let host = "cache.test"
/// Not 127.0.0.2, from which the relay's foreigners come.
private let otherAddress = "127.0.0.3"
private let hasIPv6 =
  (try? String(contentsOfFile: "/proc/net/if_inet6", encoding: .utf8))?.contains("00000000000000000000000000000001 ")
  == true

/// What a JSON report says of the addresses of its one server.
private struct Addresses: Decodable {
  struct Server: Decodable { var addresses: [Address] }
  struct Address: Decodable, Equatable {
    var address: String
    var failure: String?
  }
  var redisServers: [Server]
}

@Suite("The way to Redis", .timeLimit(.minutes(5)))
struct RedisNetworkTests {
  /// What the built binary says of one URL, and of its addresses, where its host leads to these.
  private func report(
    of server: RedisServer, leadingTo addresses: [String]
  ) async throws -> (sameServer: JSONReport.Verdict, findings: [String], addresses: [Addresses.Address]) {
    try await TemporaryFolder.with { folder in
      let result = try await doctor(
        ["redis", "redis://\(host):\(server.port)", "--format", "json", "--show", "all"],
        environment: environment(resolving: host, to: addresses, in: folder), in: folder)
      let report = try JSONReport(result)
      let hasError = report.verdicts.contains { $0.kind == "finding" && $0.severity == "error" }
      #expect(result.status == (hasError ? 1 : 0))
      let servers = try JSONDecoder().decode(Addresses.self, from: Data(result.standardOutput.utf8)).redisServers
      return (
        try #require(report.verdicts.first { $0.check == "redis.same-server" }), report.findings,
        try #require(servers.first).addresses
      )
    }
  }

  /// Another server on the same port.
  private func other(_ server: RedisServer) -> RedisServer.Configuration {
    var configuration = RedisServer.Configuration()
    configuration.host = otherAddress
    configuration.furtherAddresses = ["-::1"]
    configuration.port = server.port
    return configuration
  }

  @Test(
    "two servers behind one name are found",
    arguments: [["127.0.0.1", otherAddress]] + (hasIPv6 ? [["127.0.0.1", "::1"], ["::1", "127.0.0.1"]] : []))
  func severalServers(_ addresses: [String]) async throws {
    try await RedisServer.withServer { server in
      try await RedisServer.withServer(other(server)) { _ in
        let found = try await report(of: server, leadingTo: addresses)
        #expect(found.findings == ["redis.same-server deployment"])
        #expect(
          found.sameServer.message
            == "\(host) leads to 2 different servers: which one an instance gets is left to chance")
        #expect(found.addresses.map(\.failure) == [nil, nil])
      }
    }
  }

  @Test("one server on all addresses of its name passes")
  func oneServer() async throws {
    var configuration = RedisServer.Configuration()
    configuration.furtherAddresses = [otherAddress, "-::1"]
    try await RedisServer.withServer(configuration) { server in
      let found = try await report(of: server, leadingTo: ["127.0.0.1", otherAddress] + (hasIPv6 ? ["::1"] : []))
      #expect(found.findings == [])
      #expect(found.sameServer.kind == "pass")
      #expect(found.addresses.map(\.failure) == Array(repeating: nil, count: hasIPv6 ? 3 : 2))
    }
  }

  @Test("a dead address among living ones is found, and is no other server", arguments: [0, 1])
  func deadAddress(_ place: Int) async throws {
    try await RedisServer.withServer { server in
      var addresses = ["127.0.0.1"]
      addresses.insert(otherAddress, at: place)
      let found = try await report(of: server, leadingTo: addresses)
      #expect(found.findings == ["redis.unreachable redis://\(host):\(server.port)/0"])
      #expect(
        found.addresses
          == addresses.map {
            Addresses.Address(
              address: "\($0):\(server.port)", failure: $0 == otherAddress ? "Connection refused" : nil)
          })
    }
  }

  @Test(
    "the environment's proxies are not for Redis",
    arguments: ["http_proxy", "all_proxy", "ALL_PROXY", "https_proxy", "HTTPS_PROXY"])
  func proxies(_ variable: String) async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      var configuration = RedisServer.Configuration()
      configuration.tls = certificates
      try await RedisServer.withServer(configuration) { server in
        let tlsURL = try #require(server.tlsURL())
        for url in [server.url(), tlsURL] {
          let result = try await doctor(
            ["redis", url, "--ca-file", certificates.caFile, "--format", "json"],
            environment: [variable: "http://127.0.0.1:\(try closedPort())"], in: folder)
          #expect(result.status == 0, "\(result)")
        }
      }
    }
  }

  @Test("a server that never ends its answers takes little memory")
  func memory() async throws {
    // The script keeps the last that /proc says of the run's greatest memory.
    let script = """
      "$0" redis "$1" > /dev/null &
      while line=$(grep VmHWM /proc/$!/status 2>/dev/null); do peak=$line; done
      echo "$peak"
      """
    try await RawTCPServer.withServer(.manyLongReplies) { server in
      let result = try await runBinary("/bin/sh", ["-c", script, builtBinary(), "redis://127.0.0.1:\(server.port)/1"])
      let kibibytes = try #require(result.standardOutput.split(separator: " ").dropFirst().first.flatMap { Int($0) })
      // Without a bound it is some 140 MiB.
      #expect(kibibytes < 120 << 10)
    }
  }

  @Test("--socks is the way that is taken")
  func socks() async throws {
    try await SocksProxy.withProxy(knowing: host) { proxy in
      try await RedisServer.withServer { server in
        try await TemporaryFolder.with { folder in
          let url = "redis://\(host):\(server.port)"
          let through = try await doctor(["redis", url, "--socks", "127.0.0.1:\(proxy.port)"], in: folder)
          #expect(through.status == 0, "\(through)")
          #expect(try await doctor(["redis", url], in: folder).status == 1)
        }
      }
    }
  }
}
