import CCurl
import Facts
import Glibc

/// A libcurl handle with what belongs to it: its error text, its clock, and the options that every probe wants (no
/// signals, no proxy from the environment, a connection of its own, an end that does not wait for a name look-up).
///
/// It stays on the loop's thread. The loop frees the handle itself when it lets go of the item that holds this.
final class EasyHandle {
  /// libcurl's handle.
  let pointer: UnsafeMutableRawPointer
  /// When the handle was made.
  let began = ContinuousClock.now
  private let errorText: UnsafeMutablePointer<CChar>
  private var firstTLSByte: Double?
  /// libcurl's words on the handshake: `TLSv1.3 / TLS_AES_256_GCM_SHA384`.
  private var handshakeWords: String?
  /// The application protocol that the server chose (RFC 7301); nil for none.
  private(set) var alpn: String?
  /// The error code of the last GOAWAY frame (RFC 9113 section 6.8); nil where none came.
  private var goAway: Int?
  /// Whether the server demanded HTTP/1.1 by RST_STREAM: libcurl then asks again by itself, even where a body had begun.
  private var demandedHTTP1 = false
  /// The addresses that could not be connected to, at most eight, and why.
  private(set) var failedAddresses: [String] = []
  /// Called after each read of an HTTP body, with its size on the wire, before libcurl takes the bytes apart.
  var onBodyRead: ((Int) -> Void)?
  private var hasProxy = false
  /// What has to live as long as the handle: the lists that options point to.
  private var lists: [UnsafeMutablePointer<curl_slist>?] = []

  init?() {
    guard let pointer = doctor_curl_easy_init() else { return nil }
    self.pointer = pointer
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    doctor_curl_set_long(pointer, CURLOPT_NOSIGNAL, 1)
    doctor_curl_set_string(pointer, CURLOPT_PROXY, "")
    doctor_curl_set_long(pointer, CURLOPT_FRESH_CONNECT, 1)
    doctor_curl_set_long(pointer, CURLOPT_QUICK_EXIT, 1)
    doctor_curl_set_pointer(pointer, CURLOPT_ERRORBUFFER, errorText)
    doctor_curl_set_long(pointer, CURLOPT_VERBOSE, 1)
    doctor_curl_set_pointer(pointer, CURLOPT_DEBUGDATA, Unmanaged.passUnretained(self).toOpaque())
    doctor_curl_set_debug(pointer) { _, kind, bytes, count, context in
      guard let context else { return 0 }
      let handle = Unmanaged<EasyHandle>.fromOpaque(context).takeUnretainedValue()
      switch kind {
      case CURLINFO_SSL_DATA_OUT:
        if handle.firstTLSByte == nil { handle.firstTLSByte = handle.began.duration(to: .now).milliseconds }
      case CURLINFO_DATA_IN: handle.onBodyRead?(count)
      case CURLINFO_TEXT: handle.hear(UnsafeRawBufferPointer(start: bytes, count: count))
      default: break
      }
      return 0
    }
  }

  deinit {
    errorText.deallocate()
    for list in lists { doctor_curl_slist_free_all(list) }
  }

  /// Sets an option that takes a list of lines.
  func setList(_ option: CURLoption, _ lines: [String]) {
    guard !lines.isEmpty else { return }
    let list = lines.reduce(nil) { doctor_curl_slist_append($0, $1) }
    lists.append(list)
    doctor_curl_set_list(pointer, option, list)
  }

  /// Takes the way to the server.
  func take(_ route: Route) {
    route.tls.apply(to: pointer)
    let family =
      switch route.family {
      case .any: CURL_IPRESOLVE_WHATEVER
      case .ipv4: CURL_IPRESOLVE_V4
      case .ipv6: CURL_IPRESOLVE_V6
      }
    doctor_curl_set_long(pointer, CURLOPT_IPRESOLVE, Int(family))
    setList(CURLOPT_RESOLVE, route.resolve)
    setList(CURLOPT_CONNECT_TO, route.connectTo)
    if let proxy = route.proxy {
      hasProxy = true
      doctor_curl_set_string(pointer, CURLOPT_PROXY, proxy.reveal())
      // What a proxy answers to CONNECT is no response of the server's.
      doctor_curl_set_long(pointer, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
      if let caFile = route.tls.caFile { doctor_curl_set_string(pointer, CURLOPT_PROXY_CAINFO, caFile) }
    }
  }

  /// Takes one of libcurl's own remarks: some facts are told in no other way.
  private func hear(_ remark: UnsafeRawBufferPointer) {
    // Most remarks are of no use, and each transfer makes dozens.
    guard let first = remark.first, remarkStarts.contains(first) else { return }
    let text = String(decoding: remark, as: UTF8.self).trimmed
    if text.hasPrefix(handshakePrefix), handshakeWords == nil {
      handshakeWords = String(text.dropFirst(handshakePrefix.count)).trimmed
    } else if text.hasPrefix(alpnPrefix) {
      alpn = String(text.dropFirst(alpnPrefix.count))
    } else if text.hasPrefix("CONNECT tunnel established") {
      // What was heard so far was the proxy's own handshake.
      (handshakeWords, alpn) = (nil, nil)
    } else if text.hasPrefix("HTTP/2 stream"), text.hasSuffix("(err \(http11Required))") {
      demandedHTTP1 = true
    } else if text.hasPrefix(connectPrefix), failedAddresses.count < 8 {
      // "connect to 127.0.0.9 port 8080 failed: Connection refused"
      let words = text.split(separator: " ", maxSplits: 5).map(String.init)
      if words.count == 6, words[3] == "port" {
        let host = words[2].contains(":") ? "[\(words[2])]" : words[2]
        failedAddresses.append("\(host):\(words[4]): \(words[5].split(separator: ": ").last ?? "failed")")
      }
    } else if text.hasPrefix(goAwayPrefix) {
      goAway = Int(text.dropFirst(goAwayPrefix.count).prefix { $0 == "-" || $0.isNumber })
    }
  }

  /// Leads the connection to an address, whatever the name in the URL leads to (CURLOPT_CONNECT_TO).
  func connect(to address: String, port: Int) {
    let host = address.contains(":") ? "[\(address)]" : address
    setList(CURLOPT_CONNECT_TO, ["::\(host):\(port)"])
  }

  /// What the TLS handshake agreed on; nil where there was none. The certificate is there if CURLOPT_CERTINFO was set.
  var tlsSession: TLSSession? {
    guard let words = handshakeWords else { return nil }
    let parts = words.split(separator: "/", maxSplits: 1).map { String($0).trimmed }
    return TLSSession(
      version: parts.first ?? "", cipher: parts.count > 1 ? parts[1] : "", alpn: alpn,
      certificate: certificateFields)
  }

  /// The fields of the server's own certificate, by libcurl's names.
  private var certificateFields: [String: String] {
    var info: UnsafeMutablePointer<curl_certinfo>?
    guard doctor_curl_get_certinfo(pointer, &info) == CURLE_OK, let info, info.pointee.num_of_certs > 0 else {
      return [:]
    }
    var fields: [String: String] = [:]
    var next = info.pointee.certinfo[0]
    while let entry = next {
      let text = String(cString: entry.pointee.data)
      let name = text.prefix { $0 != ":" }
      fields[String(name)] = String(text.dropFirst(name.count + 1))
      next = entry.pointee.next
    }
    return fields
  }

  /// How far the connection has come.
  ///
  /// libcurl 7.88 tells the TCP time only once the TLS handshake is done; the first byte of the handshake stands in for
  /// it when the handshake fails.
  var phases: ConnectionPhases {
    var phases = ConnectionPhases()
    phases.nameLookup = milliseconds(CURLINFO_NAMELOOKUP_TIME_T)
    phases.connect = milliseconds(CURLINFO_CONNECT_TIME_T) ?? firstTLSByte
    phases.tls = milliseconds(CURLINFO_APPCONNECT_TIME_T)
    var host: UnsafePointer<CChar>?
    var port = 0
    doctor_curl_get_string(pointer, CURLINFO_PRIMARY_IP, &host)
    doctor_curl_get_long(pointer, CURLINFO_PRIMARY_PORT, &port)
    if let host, host.pointee != 0 {
      let text = String(cString: host)
      phases.address = text.contains(":") ? "[\(text)]:\(port)" : "\(text):\(port)"
    }
    return phases
  }

  /// libcurl's times are in microseconds, 0 for a phase that was not reached.
  private func milliseconds(_ info: CURLINFO) -> Double? {
    var microseconds: curl_off_t = 0
    doctor_curl_get_offset(pointer, info, &microseconds)
    return microseconds > 0 ? Double(microseconds) / 1000 : nil
  }

  private func words(for code: CURLcode, systemError: Int) -> String {
    // The system says it shorter than libcurl, and libcurl alone says what else there is.
    if code == CURLE_COULDNT_CONNECT, systemError != 0 { return String(cString: strerror(Int32(systemError))) }
    if code == CURLE_PROXY, let reply = proxyReply { return "the proxy answers: \(reply)" }
    if code == CURLE_OUT_OF_MEMORY { return "a line of the response's head is longer than 100 KB" }
    return errorText.pointee == 0 ? String(cString: doctor_curl_easy_strerror(code)) : String(cString: errorText)
  }

  /// What a SOCKS5 proxy answered (RFC 1928 section 6); nil for other failures of a proxy.
  private var proxyReply: String? {
    var reply = 0
    doctor_curl_get_long(pointer, CURLINFO_PROXY_ERROR, &reply)
    return switch CURLproxycode(UInt32(truncatingIfNeeded: reply)) {
    case CURLPX_REPLY_CONNECTION_REFUSED: "connection refused"
    case CURLPX_REPLY_GENERAL_SERVER_FAILURE: "general failure"
    case CURLPX_REPLY_HOST_UNREACHABLE: "host unreachable"
    case CURLPX_REPLY_NETWORK_UNREACHABLE: "network unreachable"
    case CURLPX_REPLY_NOT_ALLOWED: "not allowed by its rules"
    case CURLPX_REPLY_TTL_EXPIRED: "TTL expired"
    default: nil
    }
  }

  /// The failure that a libcurl result stands for.
  ///
  /// - Parameter usesTLS: whether a handshake was due, so that a connection lost before it is told from one lost after.
  func failure(_ code: CURLcode, usesTLS: Bool) -> TransportFailure {
    var systemError = 0
    doctor_curl_get_long(pointer, CURLINFO_OS_ERRNO, &systemError)
    let words = words(for: code, systemError: systemError)
    let phase = TransportFailure.Phase(code, phases, usesTLS: usesTLS)
    // Through a proxy it is the proxy's name that is looked up, and the proxy that is connected to.
    let isProxys =
      words.contains("CONNECT tunnel failed") || words.contains("Proxy CONNECT")
      || hasProxy && (phase == .nameLookup || phase == .connect)
    return TransportFailure(
      kind: isProxys ? .proxy : TransportFailure.Kind(code, systemError: systemError), phase: phase,
      detail: isProxys && !words.contains("proxy") && !words.contains("CONNECT") ? "the proxy: \(words)" : words)
  }

  /// How a body was cut that libcurl ended with this result.
  func cut(_ code: CURLcode, _ failure: TransportFailure) -> StreamFacts.Cut {
    var systemError = 0
    doctor_curl_get_long(pointer, CURLINFO_OS_ERRNO, &systemError)
    let words = errorText.pointee == 0 ? "" : String(cString: errorText)
    if demandedHTTP1 {
      return StreamFacts.Cut(
        .streamReset, "the server reset the HTTP/2 stream: HTTP_1_1_REQUIRED", code: http11Required)
    }
    switch code {
    case CURLE_HTTP2_STREAM:
      // "HTTP/2 stream 1 was not closed cleanly: INTERNAL_ERROR (err 2)"
      let number = words.split(separator: "(err ").last.flatMap { Int($0.prefix(while: \.isNumber)) }
      return StreamFacts.Cut(.streamReset, failure.detail, code: number)
    case CURLE_HTTP2 where goAway != nil, CURLE_PARTIAL_FILE where goAway != nil:
      return StreamFacts.Cut(
        .goAway, "the server ended the HTTP/2 connection with GOAWAY, error \(goAway ?? 0)", code: goAway)
    case CURLE_PARTIAL_FILE: return StreamFacts.Cut(.endOfFile, failure.detail)
    case CURLE_RECV_ERROR where systemError == Int(ECONNRESET) || words.hasSuffix("reset by peer"):
      return StreamFacts.Cut(.reset, "the connection was reset (TCP RST)")
    case CURLE_RECV_ERROR where words.contains("chunked-encoding"):
      return StreamFacts.Cut(.malformed, failure.detail)
    case CURLE_OUT_OF_MEMORY:
      return StreamFacts.Cut(.tooLarge, "one read of the compressed body gave more than libcurl holds, 64 MB")
    case CURLE_RECV_ERROR where words.isEmpty && systemError == 0 && alpn == "h2":
      // libcurl 7.88 says nothing of RST_STREAM with REFUSED_STREAM after the body has begun.
      return StreamFacts.Cut(.streamReset, "the server refused the HTTP/2 stream", code: 7)
    // Our own callbacks never end a body, so what can't be written is what can't be decoded.
    case CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR: return StreamFacts.Cut(.undecodable, failure.detail)
    default: return StreamFacts.Cut(.other, failure.detail)
    }
  }
}

// libcurl 7.88's words, its own spelling included.
private let handshakePrefix = "SSL connection using "
private let alpnPrefix = "ALPN: server accepted "
private let connectPrefix = "connect to "
private let goAwayPrefix = "recveived GOAWAY, error="
private let remarkStarts = Set("SArHcC".utf8)
/// HTTP_1_1_REQUIRED (RFC 9113 section 7).
private let http11Required = 13

extension String {
  fileprivate var trimmed: String {
    var text = self[...]
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }
}

extension TransportFailure.Kind {
  fileprivate init(_ code: CURLcode, systemError: Int) {
    self =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST: .nameNotFound
      case CURLE_COULDNT_CONNECT: systemError == Int(ECONNREFUSED) ? .connectionRefused : .other
      case CURLE_OPERATION_TIMEDOUT: .timedOut
      case CURLE_PEER_FAILED_VERIFICATION: .certificate
      case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: .proxy
      case CURLE_SSL_CONNECT_ERROR: .tlsHandshake
      case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2, CURLE_HTTP2_STREAM:
        .closed
      case CURLE_SSL_CERTPROBLEM: .ownCertificate
      case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: .badURL
      default: .other
      }
  }
}

extension TransportFailure.Phase {
  fileprivate init(_ code: CURLcode, _ phases: ConnectionPhases, usesTLS: Bool) {
    self =
      switch code {
      case CURLE_COULDNT_RESOLVE_HOST: .nameLookup
      case CURLE_COULDNT_CONNECT: .connect
      case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM:
        .tls
      default:
        if phases.nameLookup == nil {
          .nameLookup
        } else if phases.connect == nil {
          .connect
        } else if usesTLS, phases.tls == nil {
          .tls
        } else {
          .exchange
        }
      }
  }
}
