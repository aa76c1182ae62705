import CCurl
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
  /// What has to live as long as the handle: a list that an option points to.
  private var connectTo: UnsafeMutablePointer<curl_slist>?

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
      if kind == CURLINFO_SSL_DATA_OUT {
        if handle.firstTLSByte == nil { handle.firstTLSByte = handle.began.duration(to: .now).milliseconds }
      } else if kind == CURLINFO_TEXT, handle.handshakeWords == nil, let bytes {
        let text = String(decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
        if text.hasPrefix(handshakePrefix) {
          handle.handshakeWords = String(text.dropFirst(handshakePrefix.count)).trimmed
        }
      }
      return 0
    }
  }

  deinit {
    errorText.deallocate()
    doctor_curl_slist_free_all(connectTo)
  }

  /// Leads the connection to an address, whatever the name in the URL leads to (CURLOPT_CONNECT_TO).
  func connect(to address: String, port: Int) {
    let host = address.contains(":") ? "[\(address)]" : address
    connectTo = doctor_curl_slist_append(nil, "::\(host):\(port)")
    doctor_curl_set_list(pointer, CURLOPT_CONNECT_TO, connectTo)
  }

  /// What the TLS handshake agreed on; nil where there was none. The certificate is there if CURLOPT_CERTINFO was set.
  var tlsSession: TLSSession? {
    guard let words = handshakeWords else { return nil }
    let parts = words.split(separator: "/", maxSplits: 1).map { String($0).trimmed }
    return TLSSession(
      version: parts.first ?? "", cipher: parts.count > 1 ? parts[1] : "", certificate: certificateFields)
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
    return TransportFailure(
      kind: TransportFailure.Kind(code, systemError: systemError),
      phase: TransportFailure.Phase(code, phases, usesTLS: usesTLS),
      detail: words(for: code, systemError: systemError))
  }
}

private let handshakePrefix = "SSL connection using "

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
