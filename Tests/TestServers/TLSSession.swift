import Foundation

/// The server's side of TLS for the raw server, apart from any socket, so that a test decides what is sent in one record
/// and whether close_notify comes before the end: a proxy in front would decide that itself.
///
/// The functions are OpenSSL's, by name from the library that libcurl brings along: the manual pages of section 3 with
/// these names say what they do. Context and sessions live on one thread.
final class TLSContext {
  fileprivate let library: TLSLibrary
  fileprivate let context: OpaquePointer
  private let agreed: UnsafeMutablePointer<UInt8>

  /// - Parameter alpn: the one protocol that is agreed on where the client offers it; without one, none is.
  init(_ certificates: TestCertificates, alpn: String?) throws {
    library = try TLSLibrary()
    guard let context = library.newContext(library.serverMethod()) else {
      throw ServerStartFailure("libssl", "no context")
    }
    self.context = context
    let name = Array((alpn ?? "").utf8)
    let wire = [UInt8(name.count)] + name
    agreed = .allocate(capacity: wire.count)
    agreed.update(from: wire, count: wire.count)
    // 1 is SSL_FILETYPE_PEM.
    guard library.useCertificate(context, certificates.certificateFile) == 1,
      library.useKey(context, certificates.keyFile, 1) == 1
    else { throw ServerStartFailure("libssl", "cannot use \(certificates.certificateFile) and its key") }
    library.setProtocolSelection(context, selectProtocol, agreed)
  }

  deinit {
    library.freeContext(context)
    agreed.deallocate()
  }
}

/// One connection's TLS.
final class TLSSession {
  private let context: TLSContext
  private let session: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer

  init(_ context: TLSContext) throws {
    let library = context.library
    guard let session = library.newSession(context.context), let incoming = library.newBuffer(library.memoryBuffer()),
      let outgoing = library.newBuffer(library.memoryBuffer())
    else { throw ServerStartFailure("libssl", "no session") }
    library.setServer(session)
    library.setBuffers(session, incoming, outgoing)
    (self.context, self.session, self.incoming, self.outgoing) = (context, session, incoming, outgoing)
  }

  deinit { context.library.freeSession(session) }

  /// Whether the handshake is over.
  var isEstablished: Bool { context.library.isEstablished(session) == 1 }

  /// What the client said in these bytes. What they must be answered with is added to `takeOutput`.
  func receive(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    _ = bytes.withUnsafeBytes { context.library.write(incoming, $0.baseAddress, Int32($0.count)) }
    return drain { context.library.receive(session, $0, $1) }
  }

  /// Seals bytes, in one record where they fit.
  func send(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    _ = bytes.withUnsafeBytes { context.library.send(session, $0.baseAddress, Int32($0.count)) }
  }

  /// Says that nothing more will be sent: close_notify.
  func sendCloseNotify() { _ = context.library.shutDown(session) }

  /// What is to be sent to the client.
  func takeOutput() -> [UInt8] { drain { context.library.read(outgoing, $0, $1) } }

  private func drain(_ read: (UnsafeMutableRawPointer?, Int32) -> Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = buffer.withUnsafeMutableBytes { read($0.baseAddress, Int32($0.count)) }
      guard count > 0 else { return bytes }
      bytes += buffer[..<Int(count)]
    }
  }
}

private typealias ProtocolSelection =
  @convention(c) (
    OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?,
    UInt32, UnsafeMutableRawPointer?
  ) -> Int32

/// RFC 7301: the client offers names, each behind its length; the argument is the one that is taken, in the same form.
private let selectProtocol: ProtocolSelection = { _, chosen, chosenCount, offered, offeredCount, argument in
  guard let chosen, let chosenCount, let offered, let wanted = argument?.assumingMemoryBound(to: UInt8.self) else {
    return 3
  }
  var rest = UnsafeBufferPointer(start: offered, count: Int(offeredCount))[...]
  while let count = rest.first, count > 0, rest.count > count {
    if rest.prefix(1 + Int(count)).elementsEqual(UnsafeBufferPointer(start: wanted, count: 1 + Int(wanted[0]))) {
      chosen.pointee = offered + rest.startIndex + 1
      chosenCount.pointee = count
      return 0  // SSL_TLSEXT_ERR_OK
    }
    rest = rest.dropFirst(1 + Int(count))
  }
  return 3  // SSL_TLSEXT_ERR_NOACK
}

/// OpenSSL's functions.
private struct TLSLibrary {
  let serverMethod: @convention(c) () -> OpaquePointer?
  let newContext: @convention(c) (OpaquePointer?) -> OpaquePointer?
  let freeContext: @convention(c) (OpaquePointer?) -> Void
  let useCertificate: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> Int32
  let useKey: @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int32) -> Int32
  let setProtocolSelection: @convention(c) (OpaquePointer?, ProtocolSelection?, UnsafeMutableRawPointer?) -> Void
  let newSession: @convention(c) (OpaquePointer?) -> OpaquePointer?
  let freeSession: @convention(c) (OpaquePointer?) -> Void
  let setServer: @convention(c) (OpaquePointer?) -> Void
  let setBuffers: @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Void
  let isEstablished: @convention(c) (OpaquePointer?) -> Int32
  let receive: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
  let send: @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int32) -> Int32
  let shutDown: @convention(c) (OpaquePointer?) -> Int32
  let memoryBuffer: @convention(c) () -> OpaquePointer?
  let newBuffer: @convention(c) (OpaquePointer?) -> OpaquePointer?
  let read: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?, Int32) -> Int32
  let write: @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int32) -> Int32

  init() throws {
    guard let library = dlopen("libssl.so.3", RTLD_NOW) else {
      throw ServerStartFailure("libssl.so.3", String(cString: dlerror()))
    }
    func function<F>(_ name: String) throws -> F {
      guard let address = dlsym(library, name) else { throw ServerStartFailure("libssl.so.3", "has no \(name)") }
      return unsafeBitCast(address, to: F.self)
    }
    serverMethod = try function("TLS_server_method")
    newContext = try function("SSL_CTX_new")
    freeContext = try function("SSL_CTX_free")
    useCertificate = try function("SSL_CTX_use_certificate_chain_file")
    useKey = try function("SSL_CTX_use_PrivateKey_file")
    setProtocolSelection = try function("SSL_CTX_set_alpn_select_cb")
    newSession = try function("SSL_new")
    freeSession = try function("SSL_free")
    setServer = try function("SSL_set_accept_state")
    setBuffers = try function("SSL_set_bio")
    isEstablished = try function("SSL_is_init_finished")
    receive = try function("SSL_read")
    send = try function("SSL_write")
    shutDown = try function("SSL_shutdown")
    memoryBuffer = try function("BIO_s_mem")
    newBuffer = try function("BIO_new")
    read = try function("BIO_read")
    write = try function("BIO_write")
  }
}
