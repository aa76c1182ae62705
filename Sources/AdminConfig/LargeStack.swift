import Glibc

/// Runs a computation on a thread whose stack is deep enough for whatever the bounds of an evaluation allow, and waits for
/// it. Only the address space is reserved; memory is taken as it is used.
func withLargeStack<Result>(_ body: () -> Result) -> Result {
  let results = onLargeStacks(1) { _ in body() }
  return results[0]
}

/// Runs a computation for each index below `count`, all at the same time, each on a thread of its own, and waits for them.
/// What the computations share must not change.
func onLargeStacks<Result>(_ count: Int, _ body: (Int) -> Result) -> [Result] {
  withoutActuallyEscaping(body) { body in
    [Result](unsafeUninitializedCapacity: count) { results, initialized in
      let slots = UnsafeMutableBufferPointer(rebasing: results[..<count])
      let work = (0..<count).map { index in
        Work { slots.initializeElement(at: index, to: body(index)) }
      }
      var attributes = pthread_attr_t()
      pthread_attr_init(&attributes)
      pthread_attr_setstacksize(&attributes, 512 * 1024 * 1024)
      let threads = work.map { work in
        var thread = pthread_t()
        let status = pthread_create(&thread, &attributes, runWork, Unmanaged.passUnretained(work).toOpaque())
        // Without a thread of its own the computation runs here.
        if status != 0 { work.run() }
        return status == 0 ? thread : nil
      }
      for thread in threads { if let thread { pthread_join(thread, nil) } }
      pthread_attr_destroy(&attributes)
      withExtendedLifetime(work) { initialized = count }
    }
  }
}

/// A computation that a thread is handed.
private final class Work {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}

private func runWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
  if let work { Unmanaged<Work>.fromOpaque(work).takeUnretainedValue().run() }
  return nil
}
