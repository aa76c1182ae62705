import CCurl
import Glibc
import Synchronization

/// One thread that owns every libcurl and hiredis handle. Handles never leave it; work comes in as closures that run on
/// it, results go out as plain values.
final class EventLoop: @unchecked Sendable {
  /// Something that lives on the loop: a transfer or a link.
  protocol Item: AnyObject {
    /// The handle that libcurl drives for it.
    var easy: EasyHandle { get }
    /// libcurl says that the handle is done: a transfer has ended, or a link is connected.
    func finished(_ code: CURLcode)
    /// The socket to watch beside libcurl's own, and whether there is something to write to it.
    var watchedSocket: (socket: curl_socket_t, wantsWrite: Bool)? { get }
    /// The socket may be ready, or the deadline may have passed.
    func advance(now: ContinuousClock.Instant)
    /// The item is let go of before it was done; whoever waits for it must hear so.
    func abandoned()
    /// The next time at which `advance` has something to do even if nothing arrives.
    var deadline: ContinuousClock.Instant? { get }
  }

  // Touched by the loop's thread alone.
  private var items: [UnsafeMutableRawPointer: (number: Int, item: any Item)] = [:]
  private var nextNumber = 0
  private var isStopped = false
  private let multi: UnsafeMutableRawPointer
  // Handed over between threads.
  private let queue = Mutex<[@Sendable (EventLoop) -> Void]>([])

  /// Starts the loop's thread.
  ///
  /// - Throws: `TransportFailure` when libcurl or the system gives no handle or thread.
  init() throws {
    doctor_curl_global_init(Int(CURL_GLOBAL_ALL))
    guard let multi = doctor_curl_multi_init() else {
      throw TransportFailure(kind: .other, phase: .nameLookup, detail: "libcurl could not be initialised")
    }
    self.multi = multi
    // Every probe is a connection of its own: sharing one would hide what a second viewer meets.
    doctor_curl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_NOTHING))
    var thread = pthread_t()
    let context = Unmanaged.passRetained(self)
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

  /// Runs `work` on the loop's thread, soon. Safe from any thread.
  func enqueue(_ work: @escaping @Sendable (EventLoop) -> Void) {
    queue.withLock { $0.append(work) }
    doctor_curl_multi_wakeup(multi)
  }

  /// Ends the thread once everything enqueued before has run; what is still open is closed. Safe from any thread.
  func stop() {
    enqueue { $0.isStopped = true }
  }

  /// Takes an item in, lets libcurl begin with it and gives it a number of its own. On the loop's thread only.
  @discardableResult
  func add(_ item: any Item) -> Int {
    nextNumber += 1
    items[item.easy.pointer] = (nextNumber, item)
    if doctor_curl_multi_add_handle(multi, item.easy.pointer) != CURLM_OK { item.finished(CURLE_FAILED_INIT) }
    return nextNumber
  }

  /// The item of that number, if it is still open. On the loop's thread only.
  func item(_ number: Int) -> (any Item)? {
    items.values.first { $0.number == number }?.item
  }

  /// Lets go of the item of that number, if it is still open. On the loop's thread only.
  func cancel(_ number: Int) {
    guard let item = item(number) else { return }
    remove(item)
    item.abandoned()
  }

  /// Lets go of an item and frees its handle. On the loop's thread only.
  func remove(_ item: any Item) {
    guard items.removeValue(forKey: item.easy.pointer) != nil else { return }
    doctor_curl_multi_remove_handle(multi, item.easy.pointer)
    doctor_curl_easy_cleanup(item.easy.pointer)
  }

  private func run() {
    // A peer that closes while we write must be an error code, not the end of the process.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)

    while !isStopped {
      for work in queue.withLock({ queued in
        defer { queued = [] }
        return queued
      }) { work(self) }

      var running: Int32 = 0
      doctor_curl_multi_perform(multi, &running)
      finishDoneHandles()

      let now = ContinuousClock.now
      for (_, item) in Array(items.values) { item.advance(now: now) }
      wait()
    }
    for (number, _) in Array(items.values) { cancel(number) }
  }

  deinit {
    // Not at the thread's end: whoever still holds the loop may wake it.
    doctor_curl_multi_cleanup(multi)
  }

  private func finishDoneHandles() {
    var remaining: Int32 = 0
    while let message = doctor_curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
      items[easy]?.item.finished(message.pointee.data.result)
    }
  }

  private func wait() {
    guard !isStopped, queue.withLock({ $0.isEmpty }) else { return }
    var extra: [curl_waitfd] = []
    var nearest: ContinuousClock.Instant?
    for (_, item) in items.values {
      if let watched = item.watchedSocket {
        let events = CURL_WAIT_POLLIN | (watched.wantsWrite ? CURL_WAIT_POLLOUT : 0)
        extra.append(curl_waitfd(fd: watched.socket, events: Int16(events), revents: 0))
      }
      if let deadline = item.deadline { nearest = min(nearest ?? deadline, deadline) }
    }
    // Rounded up, so that the loop does not spin through the last millisecond before a deadline.
    let milliseconds = nearest.map { max(0, (ContinuousClock.now.duration(to: $0).milliseconds).rounded(.up)) }
    let timeout = Int32(min(milliseconds ?? 60_000, 60_000))
    doctor_curl_multi_poll(multi, &extra, UInt32(extra.count), timeout)
  }
}
