/// One cell of the browser matrix: how a stream is asked for, since proxies treat the ways differently.
public struct StreamCell: Codable, Sendable, Hashable {
  /// The version of HTTP that is asked for.
  public enum Version: String, Codable, Sendable {
    /// HTTP/1.1 alone.
    case http1 = "1.1"
    /// HTTP/2 alone, which browsers speak over TLS only.
    case http2 = "2"
    /// Both over TLS, as a browser asks: the server chooses.
    case negotiated
  }

  /// What Accept-Encoding offers.
  public enum Coding: String, Codable, Sendable {
    /// What browsers do: `gzip, deflate`, over TLS also `br, zstd`.
    case browser
    /// Nothing, as curl -N does.
    case identity
  }

  /// The version of HTTP.
  public var version: Version
  /// The codings.
  public var coding: Coding

  /// A cell; the default is a browser's without TLS.
  public init(version: Version = .http1, coding: Coding = .browser) {
    self.version = version
    self.coding = coding
  }

  /// The cells of a URL, a browser's own first. Browsers speak HTTP/2 over TLS only, so without it there are two.
  public static func matrix(usesTLS: Bool) -> [StreamCell] {
    (usesTLS ? [.http2, .http1] : [.http1]).flatMap { version in
      [.browser, .identity].map { StreamCell(version: version, coding: $0) }
    }
  }

  /// Accept-Encoding's value. Browsers offer br and zstd over TLS only.
  public func acceptEncoding(usesTLS: Bool) -> String {
    switch coding {
    case .browser: usesTLS ? "gzip, deflate, br, zstd" : "gzip, deflate"
    case .identity: "identity"
    }
  }

  /// The cell in words, after "over": `HTTP/2 with compression`, `HTTP/1.1 without compression`.
  public var name: String {
    switch version {
    case .http1, .http2: "HTTP/\(version.rawValue) with\(coding == .browser ? "" : "out") compression"
    case .negotiated: coding == .browser ? "what a browser takes" : "what curl -N takes"
    }
  }
}
