import Foundation

/// A certificate authority made for one test, a server certificate that a client trusting it accepts, or refuses for one
/// exact reason, and a client certificate that a server trusting it accepts. All are PEM files.
public struct TestCertificates: Sendable {
  /// What is wrong with the server certificate.
  public enum Kind: String, Sendable, CaseIterable {
    /// Nothing: for localhost and 127.0.0.1, signed by the authority.
    case valid
    /// As `valid`, but it ended in January 2020.
    case expired
    /// For another name than the server's.
    case wrongName
    /// For the server's names, but signed by itself.
    case selfSigned
  }

  /// The authority's certificate, for the client to trust.
  public let caFile: String
  /// The server's certificate.
  public let certificateFile: String
  /// The server's private key.
  public let keyFile: String
  /// The client's certificate.
  public let clientCertificateFile: String
  /// The client's private key.
  public let clientKeyFile: String

  /// Makes an authority, a server certificate and a client certificate with openssl, in a new folder inside the given one.
  public static func make(_ kind: Kind = .valid, in folder: TemporaryFolder) async throws -> TestCertificates {
    let name = "certificates-\(kind.rawValue)"
    let home = try folder.makeFolder(name)
    try folder.write(configuration, to: "\(name)/openssl.cnf")
    try folder.write("", to: "\(name)/issued.txt")
    let openssl = try findProgram("openssl")
    func run(_ arguments: String) async throws {
      let words = arguments.split(separator: " ").map(String.init)
      let result = try await runBinary(openssl, words, workingFolder: home)
      guard result.status == 0 else {
        throw ServerStartFailure("openssl", "\(arguments): status \(result.status)", log: result.standardError)
      }
    }
    let newKey = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
    try await run(
      "req -config openssl.cnf -x509 -days 2 -extensions authority -subj /CN=TestAuthority \(newKey) "
        + "-keyout ca-key.pem -out ca.pem")
    try await run("req -config openssl.cnf -new -subj /CN=localhost \(newKey) -keyout key.pem -out request.pem")
    try await run("req -config openssl.cnf -new -subj /CN=client \(newKey) -keyout client-key.pem -out client.csr")
    let ca = "ca -config openssl.cnf -batch -notext"
    let sign = "\(ca) -in request.pem -out certificate.pem"
    let authority = "-cert ca.pem -keyfile ca-key.pem"
    let byAuthority = "\(sign) \(authority)"
    switch kind {
    case .valid: try await run("\(byAuthority) -extensions server -days 2")
    case .expired:
      try await run("\(byAuthority) -extensions server -startdate 20200101000000Z -enddate 20200102000000Z")
    case .wrongName: try await run("\(byAuthority) -extensions otherServer -days 2")
    case .selfSigned: try await run("\(sign) -selfsign -keyfile key.pem -extensions server -days 2")
    }
    try await run("\(ca) \(authority) -in client.csr -out client.pem -extensions client -days 2")
    return TestCertificates(
      caFile: "\(home)/ca.pem", certificateFile: "\(home)/certificate.pem", keyFile: "\(home)/key.pem",
      clientCertificateFile: "\(home)/client.pem", clientKeyFile: "\(home)/client-key.pem")
  }

  /// Everything that openssl would otherwise take from the machine's own configuration.
  private static let configuration = """
    [req]
    distinguished_name = name
    [name]
    [authority]
    basicConstraints = critical, CA:TRUE
    keyUsage = critical, keyCertSign, cRLSign
    subjectKeyIdentifier = hash
    [server]
    basicConstraints = CA:FALSE
    subjectAltName = DNS:localhost, IP:127.0.0.1
    [otherServer]
    basicConstraints = CA:FALSE
    subjectAltName = DNS:other.example
    [client]
    basicConstraints = CA:FALSE
    extendedKeyUsage = clientAuth
    [ca]
    default_ca = test_authority
    [test_authority]
    database = issued.txt
    new_certs_dir = .
    rand_serial = yes
    default_md = sha256
    policy = any_name
    [any_name]
    commonName = supplied
    """
}
