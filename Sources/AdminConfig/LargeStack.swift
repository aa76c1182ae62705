import Glibc

/// Runs a computation on a thread whose stack is deep enough for whatever the bounds of an evaluation allow, and waits for
/// it. Only the address space is reserved; memory is taken as it is used.
func withLargeStack<Result>(_ body: () -> Result) -> Result {
  withoutActuallyEscaping(body) { body in
    var result: Result?
    var work: () -> Void = { result = body() }
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setstacksize(&attributes, 512 * 1024 * 1024)
    var thread = pthread_t()
    let status = withUnsafeMutablePointer(to: &work) { work in
      let status = pthread_create(&thread, &attributes, runWork, work)
      if status == 0 { pthread_join(thread, nil) }
      return status
    }
    // Without a thread of its own the computation runs here.
    if status != 0 { work() }
    guard let result else { fatalError("the computation has ended without a result") }
    return result
  }
}

private func runWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  work?.assumingMemoryBound(to: (() -> Void).self).pointee()
  return nil
}
