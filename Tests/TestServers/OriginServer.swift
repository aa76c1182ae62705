public import ReferenceOrigin

/// Runs the body with an origin and stops the origin afterwards, also when the body throws. On a busy machine flowpanel's
/// heartbeat would come in between what a test waits for: without one unless the test sets it.
public func withOrigin<R>(
  _ configure: (inout OriginSettings) -> Void = { _ in }, _ body: (ReferenceOrigin) async throws -> R
) async throws -> R {
  try await withOrigin(log: { _ in }, configure, body)
}

/// The same, with what takes the origin's lines for standard error.
public func withOrigin<R>(
  log: @escaping @Sendable (String) -> Void, _ configure: (inout OriginSettings) -> Void,
  _ body: (ReferenceOrigin) async throws -> R
) async throws -> R {
  var settings = OriginSettings()
  settings.heartbeatInterval = nil
  configure(&settings)
  let origin = try await ReferenceOrigin.start(settings, log: log)
  return try await withCleanUp {
    try await body(origin)
  } cleanUp: {
    await origin.stop()
  }
}
