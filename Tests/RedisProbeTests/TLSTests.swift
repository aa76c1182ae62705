import Facts
import Foundation
import RedisProbe
import TestServers
import Testing
import Transport

/// Runs the body with a server that has a TLS port with such certificates, and the port's URL.
private func withTLS(
  _ kind: TestCertificates.Kind = .valid, requiringClientCertificate isRequired: Bool = false,
  _ body: (_ url: String, TestCertificates) async throws -> Void
) async throws {
  try await TemporaryFolder.with { folder in
    let certificates = try await TestCertificates.make(kind, in: folder)
    try await withRedis {
      $0.tls = certificates
      $0.requiresClientCertificate = isRequired
    } _: { server in
      try await body(try #require(server.tlsURL()), certificates)
    }
  }
}

@Suite("TLS and certificates", .timeLimit(.minutes(5)))
struct TLSTests {
  @Test("what was agreed on, and the certificate")
  func session() async throws {
    try await withTLS { url, certificates in
      let facts = try await facts(url, caFile: certificates.caFile)
      #expect(facts.isComplete)
      #expect(facts.tls?.version == "TLSv1.3")
      #expect(facts.tls?.cipher.hasPrefix("TLS_") == true)
      let certificate = try #require(facts.tls?.certificate)
      #expect(certificate.subject == "CN = localhost")
      #expect(certificate.issuer == "CN = TestAuthority")
      #expect(certificate.names == ["localhost", "127.0.0.1"])
      #expect(certificate.daysLeft == 1)
      let end = try Date(certificate.notAfter, strategy: .iso8601)
      #expect((86_400...172_800).contains(end.timeIntervalSinceNow))
    }
  }

  @Test("an older version of TLS is seen as such")
  func olderVersion() async throws {
    try await TemporaryFolder.with { folder in
      let certificates = try await TestCertificates.make(in: folder)
      try await withRedis {
        $0.tls = certificates
        $0.extra = ["tls-protocols \"TLSv1.2\"", "tls-ciphers ECDHE-ECDSA-AES128-GCM-SHA256"]
      } _: { server in
        let tls = try await facts(try #require(server.tlsURL()), caFile: certificates.caFile).tls
        #expect(tls?.version == "TLSv1.2")
        #expect(tls?.cipher == "ECDHE-ECDSA-AES128-GCM-SHA256")
      }
    }
  }

  @Test("an expired certificate is refused, and its end is told")
  func expired() async throws {
    try await withTLS(.expired) { url, certificates in
      let facts = try await facts(url, caFile: certificates.caFile)
      #expect(facts.failedStep?.step == .tls)
      #expect(facts.failedStep?.failure?.kind == .certificate)
      #expect(facts.tls?.certificate?.notAfter == "2020-01-02T00:00:00Z")
      let days = Int((Date.now.timeIntervalSince1970 - 1_577_923_200) / 86_400)
      #expect(facts.tls?.certificate?.daysLeft.map { (-days - 2 ... -days).contains($0) } == true)
      #expect(facts.otherSide.value == nil)
    }
  }

  @Test("a certificate for another name is refused, and its names are told; asked for by that name it is accepted")
  func wrongName() async throws {
    try await withTLS(.wrongName) { url, certificates in
      let refused = try await facts(url, caFile: certificates.caFile)
      #expect(refused.failedStep?.failure?.kind == .certificate)
      #expect(refused.tls?.certificate?.names == ["other.example"])

      let accepted = try await facts(url, caFile: certificates.caFile) { $0.tls.serverName = "other.example" }
      #expect(accepted.isComplete)
      #expect(accepted.tls?.certificate?.names == ["other.example"])
      #expect(accepted.address?.hasPrefix("127.0.0.1:") == true)

      let other = try await facts(url, caFile: certificates.caFile) { $0.tls.serverName = "third.example" }
      #expect(other.failedStep?.failure?.kind == .certificate)
    }
  }

  @Test("certificates that nobody vouches for are refused, and their issuer is told")
  func untrusted() async throws {
    try await withTLS(.selfSigned) { url, certificates in
      let facts = try await facts(url, caFile: certificates.caFile)
      #expect(facts.failedStep?.step == .tls)
      #expect(facts.failedStep?.failure?.kind == .certificate)
      #expect(facts.tls?.certificate?.issuer == "CN = localhost")
      #expect(facts.tls?.certificate?.subject == "CN = localhost")
    }
    try await withTLS { url, _ in
      let facts = try await facts(url)
      #expect(facts.failedStep?.failure?.kind == .certificate)
      #expect(facts.tls?.certificate?.issuer == "CN = TestAuthority")
      #expect(facts.tls?.version == "TLSv1.3")
    }
  }

  @Test("where a client certificate is wanted, one of the authority's is let in and none is not")
  func clientCertificate() async throws {
    try await withTLS(requiringClientCertificate: true) { url, certificates in
      let with = try await facts(url, caFile: certificates.caFile) {
        $0.tls.certificateFile = certificates.clientCertificateFile
        $0.tls.keyFile = certificates.clientKeyFile
      }
      #expect(with.isComplete)

      let without = try await facts(url, caFile: certificates.caFile)
      // TLS 1.3 lets the client speak before the server has looked at its certificate.
      #expect(without.failedStep?.step == .ping)
      #expect(without.failedStep?.failure?.kind == .closed)
      #expect(without.tls?.certificate?.subject == "CN = localhost")
    }
  }

  @Test("without TLS there is no session")
  func plain() async throws {
    try await withRedis { server in
      let facts = try await facts(server.url())
      #expect(facts.tls == nil)
    }
  }
}
