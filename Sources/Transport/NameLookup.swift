import Glibc

extension Transport {
  /// The addresses that a host's name leads to, in the system's order (getaddrinfo), each once; empty where it leads to
  /// none.
  ///
  /// The look-up can't be interrupted, so it has a thread of its own, and an answer after `timeout` is dropped.
  public func addresses(of host: String, within timeout: Duration) async -> [String] {
    let (answers, answer) = AsyncStream.makeStream(of: [String].self)
    let thread = Task.detached {
      try? await Task.sleep(for: timeout)
      answer.finish()
    }
    defer { thread.cancel() }
    let lookup = Unmanaged.passRetained(NameLookup(host) { answer.yield($0) })
    var identity = pthread_t()
    let status = pthread_create(
      &identity, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<NameLookup>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, lookup.toOpaque())
    guard status == 0 else {
      lookup.release()
      return []
    }
    pthread_detach(identity)
    for await found in answers { return found }
    return []
  }
}

/// One look-up, on its thread.
private final class NameLookup: Sendable {
  private let host: String
  private let finish: @Sendable ([String]) -> Void

  init(_ host: String, finish: @escaping @Sendable ([String]) -> Void) {
    self.host = host
    self.finish = finish
  }

  func run() {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0 else { return finish([]) }
    defer { freeaddrinfo(first) }
    var found: [String] = []
    var next = first
    while let entry = next?.pointee {
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let isNumeric = getnameinfo(
        entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      let address = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if isNumeric == 0, !found.contains(address) { found.append(address) }
      next = entry.ai_next
    }
    finish(found)
  }
}
