public import ReferenceOrigin

/// Runs the body with a server of the Redis Streams pattern and stops it afterwards, also when the body throws.
public func withStreamsOrigin<R>(
  _ settings: StreamsOriginSettings, _ body: (StreamsOrigin) async throws -> R
) async throws -> R {
  let origin = try await StreamsOrigin.start(settings)
  return try await withCleanUp {
    try await body(origin)
  } cleanUp: {
    await origin.stop()
  }
}

/// Runs the body with several, as `withStreamsOrigin` does with one.
public func withStreamsOrigins<R>(
  _ settings: [StreamsOriginSettings], _ body: ([StreamsOrigin]) async throws -> R
) async throws -> R {
  try await withStreamsOrigins(settings[...], after: [], body)
}

private func withStreamsOrigins<R>(
  _ settings: ArraySlice<StreamsOriginSettings>, after started: [StreamsOrigin],
  _ body: ([StreamsOrigin]) async throws -> R
) async throws -> R {
  guard let first = settings.first else { return try await body(started) }
  return try await withStreamsOrigin(first) { origin in
    try await withStreamsOrigins(settings.dropFirst(), after: started + [origin], body)
  }
}
