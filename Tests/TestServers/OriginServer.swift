public import ReferenceOrigin

/// Runs the body with an origin and stops the origin afterwards, also when the body throws.
public func withOrigin<R>(
  _ configure: (inout OriginSettings) -> Void = { _ in }, _ body: (ReferenceOrigin) async throws -> R
) async throws -> R {
  var settings = OriginSettings()
  configure(&settings)
  let origin = try await ReferenceOrigin.start(settings)
  do {
    let result = try await body(origin)
    await origin.stop()
    return result
  } catch {
    await origin.stop()
    throw error
  }
}
