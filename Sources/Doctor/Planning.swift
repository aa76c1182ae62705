import Checks
import Diagnosis
import Facts
import InstanceEnvironment
import RedisProbe
import StreamProbe

extension Plan {
  /// Puts the manifest and the command line together; what the command line names wins.
  ///
  /// - Throws: `RunError` when the manifest or a file that it names for a secret is missing or can't be understood.
  init(_ inputs: RunInputs) throws(RunError) {
    let manifest = try Self.manifest(inputs)
    self.init(
      configPath: inputs.configPath ?? manifest?.config?.value ?? manifest.map { folder(of: $0.path) } ?? ".",
      instances: Self.instances(inputs, manifest),
      timeout: inputs.timeout ?? manifest?.timeout?.value ?? Self.defaultTimeout)
    self.manifest = manifest?.path
    realtime = manifest?.realtime.map { stated in
      StatedRealtime(
        driver: stated.value.driver, variable: stated.value.variable, keyPrefix: stated.value.keyPrefix,
        location: stated.location)
    }
    if let driver = inputs.driver {
      realtime = StatedRealtime(driver: driver, variable: realtime?.variable, keyPrefix: realtime?.keyPrefix)
    }
    system = inputs.system ?? manifest?.system ?? .flowpanel
    let named = Set(self.instances.map(\.name))
    leftOut = (manifest?.instances ?? []).map(\.name.value).filter { !named.contains($0) }
    variables = manifest?.variables ?? VariableRules()
    if let path = inputs.examplePath ?? manifest?.example?.value {
      try addExample(path, namedAt: inputs.examplePath == nil ? manifest?.example?.location : nil)
    }
    for check in manifest?.checks ?? [] {
      overrides[check.value.check] = JudgingRules.Override(
        severity: check.value.severity, isSuppressed: check.value.isSuppressed, reason: check.value.reason,
        location: check.location)
    }
    redis = inputs.redis.over(manifest?.redis)
    try Self.refuseUnreadable(certificateFile: redis.certificateFile, keyFile: redis.keyFile)
    redisCAFile = try Self.caFile(inputs.caFile, manifest?.redis.caFile)
    streamInputs = inputs.stream
    drivesStreams = inputs.redis.isActive && inputs.topics.contains(.stream) && inputs.neededTopics.contains(.stream)
    fanOut =
      drivesStreams && inputs.fanOut.map { !$0.needsInstances || instances.count > 1 } == true ? inputs.fanOut : nil
    if inputs.isFanOut, system == .testplanit || inputs.fanOut?.fixedChannel != nil {
      guard system == .testplanit, inputs.fanOut?.fixedChannel != nil else {
        throw RunError(
          .malformed,
          system == .testplanit
            ? "testplanit's channels are those of real users: fanout needs --intrusive --channel NAME to say on whose to "
              + "publish, as in notifications:tenant:default:user:42"
            : "--channel is for testplanit, whose channels are fixed; \(system.rawValue) gets a channel of this run's own"
        )
      }
    }
    replaysStreams = drivesStreams && inputs.fanOut != nil && system == .redisStreams
    joinsRooms = inputs.isFanOut && system == .flock
    // What is watched for longer than the manifest's own time was asked for by whoever runs it.
    if inputs.timeout == nil, inputs.stream.watch != .handshake { timeout = max(timeout, watchTime + .seconds(10)) }
    streamInputs.route.tls.caFile = try Self.caFile(inputs.caFile, manifest?.stream.caFile)
    try addWay(manifest?.stream, inputs)
    streamInputs.origin = inputs.stream.origin ?? manifest?.stream.origin
    if system == .flock, let file = manifest?.redis.startedBy, inputs.neededTopics.contains(.redis) {
      redisStart = try readRedisStart(file.value, namedAt: file.location)
    }
    isRedisNamedAlone = !inputs.redisURLs.isEmpty
    if inputs.neededTopics.contains(.redis) || drivesStreams || inputs.rendezvous?.namesNoRedis == true {
      namedRedis = try Self.namedRedis(inputs, manifest)
    }
    if inputs.neededTopics.contains(.stream) { try addStreams(inputs, manifest) }
  }

  private static func manifest(_ inputs: RunInputs) throws(RunError) -> Manifest? {
    guard let path = inputs.manifestPath ?? Manifest.find(from: ".") else { return nil }
    do {
      return try Manifest.load(path: path, knownChecks: Catalogue.ids)
    } catch {
      throw RunError(error.kind == .missing ? .missing : .malformed, error.message, at: error.location)
    }
  }

  private static func instances(_ inputs: RunInputs, _ manifest: Manifest?) -> [Instance] {
    if !inputs.instances.isEmpty {
      return inputs.instances.map { Instance(name: $0.name, environment: environment(at: $0.place)) }
    }
    if let name = inputs.ownName { return [Instance(name: name, environment: .thisProcess)] }
    guard let manifest else { return [Instance(name: thisProcessName, environment: .thisProcess)] }
    return manifest.instances.map { instance in
      let environment: EnvironmentSource =
        switch instance.environment {
        case .place(let place): .place(place.value, namedAt: place.location)
        case .next(let folder, let mode): .next(folder: folder.value, mode: mode, namedAt: folder.location)
        case .process: .thisProcess
        case nil: .notGiven
        }
      return Instance(
        name: instance.name.value, environment: environment, directURL: instance.streamURL?.value,
        location: instance.name.location)
    }
  }

  /// What the command line names: a folder alone is one that Next.js is started in.
  private static func environment(at place: EnvironmentPlace) -> EnvironmentSource {
    if case .files(let paths, nil) = place, let folder = paths.first, paths.count == 1, PathKind(folder) == .folder {
      return .next(folder: folder, mode: .production, namedAt: nil)
    }
    return .place(place, namedAt: nil)
  }

  /// Takes over the names and the sample values of an `.env.example`.
  private mutating func addExample(_ path: String, namedAt location: Location?) throws(RunError) {
    do {
      let example = try readEnvFiles([path], dialect: .nodeDotenv).variables
      variables.documented = example.compactMapValues(\.location)
      samples = example.mapValues(\.value).filter { namesASecret($0.key) && !$0.value.isEmpty }
      variables.samples = samples.keys.sorted()
    } catch {
      throw RunError(
        error.kind == .missing ? .missing : .malformed, "the example \(path) can't be read: \(error.message)",
        at: location ?? error.location)
    }
  }

  private static func namedRedis(_ inputs: RunInputs, _ manifest: Manifest?) throws(RunError) -> [NamedRedis] {
    if !inputs.redisURLs.isEmpty { return inputs.redisURLs.map { NamedRedis(url: $0) } }
    guard let named = manifest?.redis.url else { return [] }
    let url: Secret =
      switch named.value {
      case .inline(let text): Secret(text)
      case .secret(let source): try secret(source, in: inputs.environment, what: "the Redis URL", at: named.location)
      }
    return [NamedRedis(url: url, location: named.location)]
  }

  /// The streams to open: those of the command line, else each instance's own, the public ones, and those on the way.
  private mutating func addStreams(_ inputs: RunInputs, _ manifest: Manifest?) throws(RunError) {
    var headers = inputs.stream.headers
    for header in manifest?.stream.headers ?? [] {
      let value = try Self.secret(
        header.value.source, in: inputs.environment, what: "the \(header.value.name) header", at: header.location)
      headers.append((header.value.name, value))
    }
    let path = manifest?.stream.path ?? system.streamPath
    func add(_ text: String, instance: String? = nil, via: Int? = nil, at location: Location? = nil) {
      // What has no path and can't get one is opened as it stands.
      let url = if case .complete(let url) = streamURL(text, path: path) { url } else { text }
      var target = StreamTarget(url: url, instance: instance, location: location, headers: headers)
      target.via = via
      streams.append(target)
    }
    let named = inputs.stream
    // A URL on the command line stands in for all of the manifest's.
    let manifest = named.urls.isEmpty ? manifest : nil
    if manifest != nil, named.directURLs.isEmpty {
      for instance in instances {
        if let url = instance.directURL { add(url, instance: instance.name, at: instance.location) }
      }
    }
    for url in named.urls { add(url) }
    for url in manifest?.publicURLs ?? [] { add(url.value, at: url.location) }
    publicURLs = streams.filter { $0.instance == nil }.map(\.url)
    if named.viaURLs.isEmpty {
      for (index, url) in (manifest?.viaURLs ?? []).enumerated() { add(url.value, via: index + 1, at: url.location) }
    }
    for (index, url) in named.viaURLs.enumerated() { add(url, via: index + 1) }
    for direct in named.directURLs { add(direct.url, instance: direct.name) }
  }

  /// Takes over the way to the servers from the manifest, where the command line does not give it.
  private mutating func addWay(_ stream: Manifest.Stream?, _ inputs: RunInputs) throws(RunError) {
    if streamInputs.route.tls.certificateFile == nil {
      streamInputs.route.tls.certificateFile = stream?.certificateFile?.value
      streamInputs.route.tls.keyFile = stream?.keyFile?.value
    }
    try Self.refuseUnreadable(
      certificateFile: streamInputs.route.tls.certificateFile, keyFile: streamInputs.route.tls.keyFile)
    if streamInputs.route.proxy == nil, inputs.neededTopics.contains(.stream), let proxy = stream?.proxy {
      switch proxy.value {
      case .inline(let text): streamInputs.route.proxy = Secret(text)
      case .secret(let source):
        let url = try Self.secret(source, in: inputs.environment, what: "the proxy's URL", at: proxy.location)
        if let problem = proxyURLProblem(url.reveal()) {
          throw RunError(.malformed, "the proxy's URL can't be used: \(problem)", at: proxy.location)
        }
        streamInputs.route.proxy = url
      }
    }
  }

  private static func refuseUnreadable(certificateFile: String?, keyFile: String?) throws(RunError) {
    for (path, what) in [(certificateFile, "certificate"), (keyFile, "key")] {
      guard let path else { continue }
      _ = try readInput(path, what: "the client \(what) file", maximumBytes: 1024 * 1024, namedAt: nil)
    }
  }

  private static func secret(
    _ source: Manifest.SecretSource, in environment: [String: Secret], what: String, at location: Location
  ) throws(RunError) -> Secret {
    switch source {
    case .variable(let name): try secretVariable(name, in: environment, what: what, namedAt: location)
    case .file(let path): try readSecretLine(path, what: "the file with \(what),", namedAt: location)
    }
  }

  private static func caFile(_ given: String?, _ manifest: Located<String>?) throws(RunError) -> String? {
    guard let path = given ?? manifest?.value else { return nil }
    let location = given == nil ? manifest?.location : nil
    let bytes = try readInput(path, what: "the CA file", maximumBytes: 16 * 1024 * 1024, namedAt: location)
    // What libcurl would say of it sounds like the server's fault.
    guard String(decoding: bytes, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----") else {
      throw RunError(
        .malformed, "the CA file \(path) holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
        at: location ?? Location(file: path))
    }
    return path
  }
}

/// The folder that a file is in, as the operator would type it.
private func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// What is wrong with a Redis URL on the command line, in a phrase; nil where it can be used.
public func redisURLProblem(_ text: String) -> String? {
  do {
    _ = try redisTarget(Secret(text))
    return nil
  } catch {
    return error.reason
  }
}

/// What is wrong with a stream URL on the command line, in a sentence; nil where it can be opened. A number or a time,
/// such as a misspelt option leaves behind, is repeated; more of it might be a secret.
public func streamURLProblem(_ text: String) -> String? {
  guard case .problem(let problem) = streamURL(text, path: nil) else { return nil }
  let isNumber = Int32(text) != nil || parseDuration(text) != nil
  return "the stream URL \(isNumber ? "'\(text)' " : "")\(problem)"
}
