import CCurl

/// What connections have in common that libcurl makes and leaves to us (CURLOPT_CONNECT_ONLY): name look-up, TCP and TLS
/// each have their time, and the bytes are ours.
extension EasyHandle {
  /// Asks for a connection to a URL's host and port. No application protocol is named in TLS.
  func connectOnly(to url: String, usesTLS: Bool, within timeout: Duration) {
    doctor_curl_set_string(pointer, CURLOPT_URL, url)
    if usesTLS { doctor_curl_set_long(pointer, CURLOPT_CERTINFO, 1) }
    doctor_curl_set_long(pointer, CURLOPT_CONNECT_ONLY, 1)
    doctor_curl_set_long(pointer, CURLOPT_SSL_ENABLE_ALPN, 0)
    doctor_curl_set_long(pointer, CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(timeout.milliseconds)))
  }

  /// The socket of a connection that libcurl is done with; nil where there is none.
  func connectedSocket(_ code: CURLcode) -> curl_socket_t? {
    var socket: curl_socket_t = CURL_SOCKET_BAD
    guard code == CURLE_OK, doctor_curl_get_socket(pointer, &socket) == CURLE_OK, socket != CURL_SOCKET_BAD else {
      return nil
    }
    return socket
  }
}
