import CCurl

/// The network: one event loop on one thread for HTTP streams and Redis links alike.
///
/// Nothing here blocks a thread of the cooperative pool; every wait is a suspension that the loop ends.
public final class Transport: Sendable {
  let loop: EventLoop

  /// Starts the event loop.
  ///
  /// - Throws: `TransportFailure` when the system gives no thread or libcurl no handle.
  public init() throws {
    loop = try EventLoop()
  }

  deinit {
    loop.stop()
  }
}

/// What a TLS client accepts and shows.
public struct TLSOptions: Sendable, Equatable {
  /// A PEM file with the certificate authorities to trust instead of the system's.
  public var caFile: String?
  /// A PEM file with the certificate that the client shows; nil for none.
  public var certificateFile: String?
  /// A PEM file with that certificate's key; nil where it is in the same file.
  public var keyFile: String?
  /// The name that the server is asked for (SNI) and its certificate is held against, instead of the host's.
  public var serverName: String?
  /// Whether the certificate's chain and name are verified; off only where nothing secret is sent.
  public var verifiesCertificate: Bool

  /// Options; the default trusts the system's authorities and verifies.
  public init(
    caFile: String? = nil, certificateFile: String? = nil, keyFile: String? = nil, serverName: String? = nil,
    verifiesCertificate: Bool = true
  ) {
    self.caFile = caFile
    self.certificateFile = certificateFile
    self.keyFile = keyFile
    self.serverName = serverName
    self.verifiesCertificate = verifiesCertificate
  }

  func apply(to easy: UnsafeMutableRawPointer) {
    if let caFile { doctor_curl_set_string(easy, CURLOPT_CAINFO, caFile) }
    if let certificateFile {
      doctor_curl_set_string(easy, CURLOPT_SSLCERT, certificateFile)
      doctor_curl_set_string(easy, CURLOPT_SSLKEY, keyFile ?? certificateFile)
    }
    doctor_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, verifiesCertificate ? 1 : 0)
    doctor_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, verifiesCertificate ? 2 : 0)
  }
}
