// What the probe's tests share: a run of the probe, servers in few words, and answers in few words.

import Facts
import Foundation
import RedisProbe
import TestServers
import Transport

/// The facts of a URL, as the probe sees them. A busy machine has time to answer; where a test waits for the end of the
/// patience, it has less.
func facts(
  _ url: String, caFile: String? = nil, patience: Duration = .seconds(10),
  _ configure: (inout RedisProbe) -> Void = { _ in }
) async throws -> RedisFacts {
  var probe = RedisProbe(stepTimeout: max(patience, .seconds(10)), patience: patience, tls: TLSOptions(caFile: caFile))
  configure(&probe)
  return await probe.facts(of: try redisTarget(Secret(url)), over: try Transport())
}

/// Runs the body with a server.
func withRedis(
  _ configure: (inout RedisServer.Configuration) throws -> Void = { _ in }, _ body: (RedisServer) async throws -> Void
) async throws {
  var configuration = RedisServer.Configuration()
  try configure(&configuration)
  try await RedisServer.withServer(configuration, body)
}

/// Runs the body with a connection for each command, once each has been answered.
func withConnections(
  to server: RedisServer, _ commands: [String], _ body: () async throws -> Void
) async throws {
  guard let command = commands.first else { return try await body() }
  try await TCPConnection.with(port: server.port) { connection in
    try connection.send(command + "\r\n")
    _ = try await connection.receive { $0.hasSuffix("\r\n+OK\r\n") || $0.hasPrefix("+OK") || $0.hasSuffix(":1\r\n") }
    try await withConnections(to: server, Array(commands.dropFirst()), body)
  }
}

extension RedisServer {
  /// How often each command was run since the last CONFIG RESETSTAT; those that were refused are left out.
  func commandCounts() async throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for line in try await replies(to: "INFO commandstats").split(separator: "\r\n") where line.hasPrefix("cmdstat_") {
      let name = line.dropFirst("cmdstat_".count).prefix { $0 != ":" }
      let calls = line.firstRange(of: "calls=").map { line[$0.upperBound...].prefix { $0 != "," } }
      if let count = calls.flatMap({ Int($0) }), count > 0 { counts[String(name)] = count }
    }
    return counts
  }
}

extension RedisFacts.Permissions {
  /// `+PUBLISH` for a command that may be run, `-PUBLISH resource.*` for a channel that may not be used with it.
  var inWords: [String] {
    answers.map { ($0.isAllowed ? "+" : "-") + $0.command + ($0.pattern.isEmpty ? "" : " \($0.pattern)") }
  }
}

extension RedisFacts {
  /// Whether nothing failed and everything that the probe asks a healthy server was answered.
  var isComplete: Bool {
    failedStep == nil && server.value != nil && policy.value != nil && (settings?.value?.count ?? 0) > 10
      && roundTrip?.value != nil && clients?.value != nil && permissions?.value != nil && denials?.value != nil
      && channels?.value != nil
  }
}
