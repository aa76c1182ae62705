import Foundation
import Synchronization

/// A TCP port on 127.0.0.1 that nothing listened on a moment ago, for a server that starts later. It is none that outgoing
/// connections are given (ip_local_port_range), which would take it in the meantime, and nobody else was given it lately:
/// HAProxy and Caddy share a port that both were told to listen on (SO_REUSEPORT), and neither says so. Another process
/// may take it before it is used: the servers here try another one then.
public func freePort() throws -> Int {
  while true {
    let port = Int.random(in: 20_000..<32_000)
    let descriptor = try makeSocket()
    defer { close(descriptor) }
    guard (try? bindToLoopback(descriptor, port: port)) != nil else { continue }
    let isNew = givenPorts.withLock { ports in
      if ports.contains(port) { return false }
      ports.append(port)
      if ports.count > 4000 { ports.removeFirst(1000) }
      return true
    }
    if isNew { return port }
  }
}

/// The ports that were given lately.
private let givenPorts = Mutex<[Int]>([])

/// A TCP port on 127.0.0.1 on which nothing listens as long as the tests run: it is held, so that no server of another
/// test gets it.
public func closedPort() throws -> Int { try bindLoopbackSocket().port }

/// A TCP socket bound to a free port of 127.0.0.1, not listening yet.
func bindLoopbackSocket() throws -> (descriptor: Int32, port: Int) {
  let descriptor = try makeSocket()
  do {
    return (descriptor, try bindToLoopback(descriptor))
  } catch {
    close(descriptor)
    throw error
  }
}

/// Binds a socket to a port of 127.0.0.1, or of another address of the loopback network, and gives the port.
///
/// - Parameter port: the port; 0 for a free one.
@discardableResult
func bindToLoopback(_ descriptor: Int32, host: String = "127.0.0.1", port: Int = 0) throws -> Int {
  var address = loopbackAddress(host, port: port)
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let bound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      bind(descriptor, pointer, length) == 0 && getsockname(descriptor, pointer, &length) == 0
    }
  }
  guard bound else { throw SystemCallFailure("bind to a free port of the loopback network") }
  return Int(UInt16(bigEndian: address.sin_port))
}

/// Connects a socket to a port of 127.0.0.1, or of another address of the loopback network; false with `errno` where it
/// cannot.
func connectToLoopback(_ descriptor: Int32, host: String = "127.0.0.1", port: Int) -> Bool {
  var address = loopbackAddress(host, port: port)
  return withUnsafePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}

/// A new TCP socket that child processes do not inherit.
func makeSocket() throws -> Int32 {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  guard descriptor >= 0 else { throw SystemCallFailure("socket") }
  return descriptor
}

/// An address of the loopback network with a port.
private func loopbackAddress(_ host: String, port: Int) -> sockaddr_in {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = in_port_t(UInt16(port)).bigEndian
  address.sin_addr.s_addr = inet_addr(host)
  return address
}
