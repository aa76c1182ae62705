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
  /// Whether the certificate's chain and name are verified; off only where nothing secret is sent.
  public var verifiesCertificate: Bool

  /// Options; the default trusts the system's authorities and verifies.
  public init(caFile: String? = nil, verifiesCertificate: Bool = true) {
    self.caFile = caFile
    self.verifiesCertificate = verifiesCertificate
  }

  func apply(to easy: UnsafeMutableRawPointer) {
    if let caFile { doctor_curl_set_string(easy, CURLOPT_CAINFO, caFile) }
    doctor_curl_set_long(easy, CURLOPT_SSL_VERIFYPEER, verifiesCertificate ? 1 : 0)
    doctor_curl_set_long(easy, CURLOPT_SSL_VERIFYHOST, verifiesCertificate ? 2 : 0)
  }
}
