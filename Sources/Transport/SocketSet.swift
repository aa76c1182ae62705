import CCurl
import Glibc

/// The sockets that the loop waits for: an epoll instance (epoll(7), level-triggered), and an eventfd(2) that ends a wait
/// from another thread. What a wait costs depends on how many sockets are ready, not on how many there are.
final class SocketSet: @unchecked Sendable {
  /// What a socket is ready for, or is waited for.
  struct Readiness: OptionSet {
    let rawValue: UInt32
    static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The other side has gone, or the socket is broken; always waited for.
    static let broken = Readiness(rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue)
  }

  private let epoll: Int32
  private let wakeup: Int32
  /// What each socket is waited for. Touched by the loop's thread alone.
  private var awaited: [Int32: Readiness] = [:]

  /// A set without sockets; nil where the system gives no descriptor.
  init?() {
    epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
    guard epoll >= 0 else { return nil }
    wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(fd: wakeup))
    guard wakeup >= 0, epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
      if wakeup >= 0 { close(wakeup) }
      close(epoll)
      return nil
    }
  }

  deinit {
    close(wakeup)
    close(epoll)
  }

  /// Ends the wait at hand or the next one. Safe from any thread.
  func wake() {
    var one: UInt64 = 1
    write(wakeup, &one, MemoryLayout<UInt64>.size)
  }

  /// Waits for a socket from now on, or for something else; nil no longer.
  func watch(_ socket: Int32, for readiness: Readiness?) {
    let before = awaited[socket]
    guard before != readiness else { return }
    awaited[socket] = readiness
    var event = epoll_event(events: readiness?.rawValue ?? 0, data: epoll_data_t(fd: socket))
    guard readiness != nil else {
      // Fails where the socket was closed before, which took it out of the set as well.
      epoll_ctl(epoll, EPOLL_CTL_DEL, socket, &event)
      return
    }
    // A socket that was closed may have come back under its number without our being told.
    if epoll_ctl(epoll, before == nil ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) != 0 {
      epoll_ctl(epoll, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event)
    }
  }

  /// Waits until sockets are ready, `wake` is called, or the time is over, and gives the ready ones to `take`.
  ///
  /// - Parameter milliseconds: -1 waits for ever.
  func wait(milliseconds: Int32, _ take: (_ socket: Int32, _ readiness: Readiness) -> Void) {
    withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: 256) { events in
      let count = epoll_wait(epoll, events.baseAddress, Int32(events.count), milliseconds)
      for event in events.prefix(max(0, Int(count))) {
        if event.data.fd == wakeup {
          var value: UInt64 = 0
          read(wakeup, &value, MemoryLayout<UInt64>.size)
        } else {
          take(event.data.fd, Readiness(rawValue: event.events))
        }
      }
    }
  }
}
