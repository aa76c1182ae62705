import Synchronization

/// What has come for one exchange and was not fetched yet: filled on the loop's thread, emptied by one consumer. It holds
/// no more than `HTTPBounds` say; what is full makes libcurl wait, and so the server.
final class HTTPMailbox: Sendable {
  private struct State {
    var connected: HTTPMoment?
    var head: HTTPMoment?
    var body = HTTPBody()
    var end: HTTPMoment?
    var isClosed = false
    /// Whether the transfer waits for room.
    var isPaused = false
    var consumer: CheckedContinuation<HTTPMoment?, Never>?

    /// The next moment in order.
    mutating func take() -> HTTPMoment? {
      if let connected {
        self.connected = nil
        return connected
      }
      if let head {
        self.head = nil
        return head
      }
      if !body.reads.isEmpty {
        defer { body = HTTPBody() }
        return .body(body)
      }
      defer { end = nil }
      return end
    }

    /// Gives the waiting consumer what there is for it; the continuation is to be resumed without the lock.
    mutating func serve() -> (CheckedContinuation<HTTPMoment?, Never>, HTTPMoment?)? {
      guard let consumer else { return nil }
      let next = take()
      guard next != nil || isClosed else { return nil }
      self.consumer = nil
      return (consumer, next)
    }
  }

  private let state = Mutex(State())
  /// Called, from any thread, when there is room again.
  private let resume: @Sendable () -> Void

  init(resume: @escaping @Sendable () -> Void) {
    self.resume = resume
  }

  /// The connection stands.
  func put(connected: HTTPMoment) { state.withLock { $0.connected = connected } }

  /// The response's head has come.
  func put(head: HTTPMoment) { state.withLock { $0.head = head } }

  /// The exchange is over.
  func put(end: HTTPMoment) {
    state.withLock {
      $0.end = end
      $0.isClosed = true
    }
  }

  /// The connection was read. Of reads that give nothing there may be any number: the last one then stands for them.
  func put(_ read: HTTPBody.Read) {
    state.withLock { state in
      guard !state.isClosed else { return }
      if state.body.reads.count < HTTPBounds.waitingReads {
        state.body.reads.append(read)
      } else {
        state.body.reads[state.body.reads.count - 1].wireBytes += read.wireBytes
      }
    }
  }

  /// Takes bytes that a read gave; false, having taken none, where there is no room.
  func put(_ bytes: UnsafeRawBufferPointer, of read: HTTPBody.Read) -> Bool {
    state.withLock { state in
      // Nobody fetches it any more.
      if state.isClosed { return true }
      guard state.body.bytes.count < HTTPBounds.waitingBytes, state.body.reads.count < HTTPBounds.waitingReads else {
        state.isPaused = true
        state.body.madeServerWait = true
        return false
      }
      // A stream that fills its reads will go on to: growing step by step would copy what has come again and again.
      if state.body.bytes.isEmpty, bytes.count >= 8192 {
        state.body.bytes.reserveCapacity(HTTPBounds.waitingBytes + bytes.count)
      }
      state.body.bytes.append(contentsOf: bytes)
      // The consumer may have fetched the read already, before it gave these bytes.
      if state.body.reads.isEmpty { state.body.reads.append(HTTPBody.Read(at: read.at, wireBytes: 0, bodyBytes: 0)) }
      state.body.reads[state.body.reads.count - 1].bodyBytes += bytes.count
      return true
    }
  }

  /// Wakes the consumer, if there is something for it.
  func flush() {
    if let (consumer, moment) = state.withLock({ $0.serve() }) { consumer.resume(returning: moment) }
  }

  /// Nothing comes any more.
  func close() {
    state.withLock { $0.isClosed = true }
    flush()
  }

  /// The next moment; nil after the last. For one consumer at a time.
  func next() async -> HTTPMoment? {
    let moment = await withCheckedContinuation { continuation in
      let served = state.withLock { state in
        state.consumer = continuation
        return state.serve()
      }
      if let (consumer, moment) = served { consumer.resume(returning: moment) }
    }
    let wasPaused = state.withLock { state in
      defer { state.isPaused = false }
      return state.isPaused
    }
    if wasPaused { resume() }
    return moment
  }
}
