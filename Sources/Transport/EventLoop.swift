import CCurl
import Glibc
import Synchronization

/// One thread that owns every libcurl and hiredis handle. Handles never leave it; work comes in as closures that run on
/// it, results go out as plain values.
///
/// libcurl says which sockets it waits for and when it wants to be called (curl_multi_socket_action), so a turn of the
/// loop costs what is ready, whatever the number of transfers.
final class EventLoop: @unchecked Sendable {
  /// Something that lives on the loop: a transfer or a link.
  protocol Item: AnyObject {
    /// The handle that libcurl drives for it.
    var easy: EasyHandle { get }
    /// libcurl says that the handle is done: a transfer has ended, or a link is connected.
    func finished(_ code: CURLcode)
    /// The item is let go of before it was done; whoever waits for it must hear so.
    func abandoned()
    /// The turn of the loop in which `willEndTurn` was asked for is over.
    func turnEnded()
  }

  /// An item that reads and writes a socket itself.
  protocol SocketItem: Item {
    /// The socket to watch, and whether there is something to write to it; nil for none.
    var watchedSocket: (socket: curl_socket_t, wantsWrite: Bool)? { get }
    /// The socket may be ready, or the deadline may have passed.
    func advance(now: ContinuousClock.Instant)
    /// The next time at which `advance` has something to do even if nothing arrives.
    var deadline: ContinuousClock.Instant? { get }
  }

  // Touched by the loop's thread alone.
  private var items: [Int: any Item] = [:]
  private var numbers: [UnsafeMutableRawPointer: Int] = [:]
  /// The items that watch a socket of their own, by number, and by the socket that is watched.
  private var links: [Int: (item: any SocketItem, watched: Int32?)] = [:]
  private var linkNumbers: [Int32: Int] = [:]
  private var nextNumber = 0
  private var endingTurn: [any Item] = []
  private var isStopped = false
  /// When libcurl wants to be called though no socket is ready.
  private var timer: ContinuousClock.Instant?
  private let multi: UnsafeMutableRawPointer
  private let sockets: SocketSet
  // Handed over between threads.
  private let queue = Mutex<[@Sendable (EventLoop) -> Void]>([])

  /// Starts the loop's thread.
  ///
  /// - Throws: `TransportFailure` when libcurl or the system gives no handle or thread.
  init() throws {
    doctor_curl_global_init(Int(CURL_GLOBAL_ALL))
    guard let multi = doctor_curl_multi_init(), let sockets = SocketSet() else {
      throw TransportFailure(kind: .other, phase: .nameLookup, detail: "libcurl could not be initialised")
    }
    self.multi = multi
    self.sockets = sockets
    // Every probe is a connection of its own: sharing one would hide what a second viewer meets.
    doctor_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    raiseDescriptorLimit()
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
    doctor_curl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, context.toOpaque())
    doctor_curl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, context.toOpaque())
    doctor_curl_multi_set_socket_function(multi) { _, socket, what, context, _ in
      EventLoop.from(context)?.watch(socket, what)
      return 0
    }
    doctor_curl_multi_set_timer_function(multi) { _, milliseconds, context in
      EventLoop.from(context)?.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
      return 0
    }
    let status = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, context.toOpaque())
    guard status == 0 else {
      context.release()
      throw TransportFailure(
        kind: .other, phase: .nameLookup, detail: "no thread for the network: \(String(cString: strerror(status)))")
    }
    pthread_detach(thread)
  }

  deinit {
    // Not at the thread's end: whoever still holds the loop may wake it.
    doctor_curl_multi_cleanup(multi)
  }

  private static func from(_ context: UnsafeMutableRawPointer?) -> EventLoop? {
    context.map { Unmanaged<EventLoop>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs `work` on the loop's thread, soon. Safe from any thread.
  func enqueue(_ work: @escaping @Sendable (EventLoop) -> Void) {
    queue.withLock { $0.append(work) }
    sockets.wake()
  }

  /// Ends the thread once everything enqueued before has run; what is still open is closed. Safe from any thread.
  func stop() {
    enqueue { $0.isStopped = true }
  }

  /// Takes an item in, lets libcurl begin with it and gives it a number of its own. On the loop's thread only.
  @discardableResult
  func add(_ item: any Item) -> Int {
    nextNumber += 1
    let number = nextNumber
    items[number] = item
    numbers[item.easy.pointer] = number
    if let link = item as? any SocketItem { links[number] = (link, nil) }
    if doctor_curl_multi_add_handle(multi, item.easy.pointer) != CURLM_OK { item.finished(CURLE_FAILED_INIT) }
    return number
  }

  /// The item of that number, if it is still open. On the loop's thread only.
  func item(_ number: Int) -> (any Item)? { items[number] }

  /// Lets go of the item of that number, if it is still open. On the loop's thread only.
  func cancel(_ number: Int) {
    guard let item = items[number] else { return }
    remove(item)
    item.abandoned()
  }

  /// Lets go of an item and frees its handle. On the loop's thread only.
  func remove(_ item: any Item) {
    guard let number = numbers.removeValue(forKey: item.easy.pointer) else { return }
    items[number] = nil
    if let socket = links.removeValue(forKey: number)?.watched { unwatch(socket) }
    doctor_curl_multi_remove_handle(multi, item.easy.pointer)
    doctor_curl_easy_cleanup(item.easy.pointer)
  }

  /// Calls an item's `turnEnded` once libcurl has done what the ready sockets had for it. On the loop's thread only.
  func willEndTurn(_ item: any Item) { endingTurn.append(item) }

  private func run() {
    // A peer that closes while we write must be an error code, not the end of the process.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)

    while true {
      for work in queue.withLock({ queued in
        defer { queued = [] }
        return queued
      }) { work(self) }
      if isStopped { break }
      finishDoneHandles()
      for item in endingTurn { item.turnEnded() }
      endingTurn.removeAll(keepingCapacity: true)
      watchLinks()
      sockets.wait(milliseconds: milliseconds(until: nearestDeadline)) { socket, readiness in
        act(on: socket, readiness)
      }
      let now = ContinuousClock.now
      if let timer, timer <= now {
        self.timer = nil
        doctor_curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0)
      }
      for (_, link) in links {
        if let deadline = link.item.deadline, deadline <= now { link.item.advance(now: now) }
      }
    }
    for number in Array(items.keys) { cancel(number) }
  }

  private func act(on socket: Int32, _ readiness: SocketSet.Readiness) {
    if let number = linkNumbers[socket] {
      links[number]?.item.advance(now: .now)
      return
    }
    var events: Int32 = 0
    if readiness.contains(.readable) { events |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { events |= CURL_CSELECT_OUT }
    if !readiness.isDisjoint(with: .broken) { events |= CURL_CSELECT_ERR }
    doctor_curl_multi_socket_action(multi, socket, events)
  }

  /// libcurl says what it waits for on a socket.
  private func watch(_ socket: curl_socket_t, _ what: Int32) {
    let readiness: SocketSet.Readiness? =
      switch what {
      case CURL_POLL_IN: .readable
      case CURL_POLL_OUT: .writable
      case CURL_POLL_INOUT: [.readable, .writable]
      default: nil
      }
    sockets.watch(socket, for: readiness)
  }

  /// Watches what the links want watched now.
  private func watchLinks() {
    for (number, link) in links {
      let wanted = link.item.watchedSocket
      if let before = link.watched, before != wanted?.socket { unwatch(before) }
      links[number]?.watched = wanted?.socket
      guard let wanted else { continue }
      linkNumbers[wanted.socket] = number
      sockets.watch(wanted.socket, for: wanted.wantsWrite ? [.readable, .writable] : .readable)
    }
  }

  private func unwatch(_ socket: Int32) {
    linkNumbers[socket] = nil
    sockets.watch(socket, for: nil)
  }

  private func finishDoneHandles() {
    var remaining: Int32 = 0
    while let message = doctor_curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      if let number = numbers[easy] { items[number]?.finished(message.pointee.data.result) }
    }
  }

  private var nearestDeadline: ContinuousClock.Instant? {
    links.values.reduce(timer) { nearest, link in
      guard let deadline = link.item.deadline else { return nearest }
      return min(nearest ?? deadline, deadline)
    }
  }

  /// Rounded up, so that the loop does not spin through the last millisecond before a deadline.
  private func milliseconds(until deadline: ContinuousClock.Instant?) -> Int32 {
    guard let deadline else { return -1 }
    return Int32(max(0, min(ContinuousClock.now.duration(to: deadline).milliseconds.rounded(.up), 60_000)))
  }
}

/// Lets this process open as many sockets as it is allowed to: a thousand streams are more than most shells begin with.
private func raiseDescriptorLimit() {
  var limit = rlimit()
  guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else {
    return
  }
  limit.rlim_cur = min(limit.rlim_max, 65_536)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
