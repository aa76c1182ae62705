import ArgumentParser
import Doctor
import Facts
import InstanceEnvironment
import RedisProbe
import ReferenceOrigin

/// The options on an origin's channels, and on how they reach other instances.
struct OriginChannelOptions: ParsableArguments {
  enum Driver: String, CaseIterable, ExpressibleByArgument {
    case memory, redis, none
  }

  @Option(
    help: ArgumentHelp(
      "How events that are published reach streams: memory, within this process, unless a Redis is named; redis; or none.",
      valueName: "driver"))
  var driver: Driver?

  @Option(help: ArgumentHelp("The Redis, by a URL without credentials.", valueName: "url"))
  var url: String?

  @Option(help: ArgumentHelp("A variable that holds its URL.", valueName: "name"))
  var urlVariable: String?

  @Option(help: ArgumentHelp("A file with its URL in the first line.", valueName: "file"))
  var urlFile: String?

  @Option(
    help: ArgumentHelp(
      """
      What a channel resource.users is in Redis: prefixed, flowpanel:resource.users, unless given; verbatim, as it is; \
      documented, fp:resource:users. Events have its form without a Redis, too.
      """, valueName: "convention"))
  var convention: OriginConvention?

  @Option(help: ArgumentHelp("The prefix, instead of flowpanel or fp.", valueName: "text"))
  var keyPrefix: String?

  @Option(
    help: ArgumentHelp(
      """
      What is wrong with the fan-out over Redis: dead; deaf-after-reconnect; duplicates; disorders; loses=10, every \
      tenth message; stalls=5s, reads nothing for so long in a burst.
      """, valueName: "fault"), transform: faultArgument)
  var fault: OriginFanOutFault?

  func validate() throws {
    let urls = [url, urlVariable, urlFile].compactMap(\.self)
    guard urls.count <= 1 else { throw ValidationError("name one Redis: --url, --url-variable or --url-file") }
    // That convention's flowpanel connects to this machine's without a word.
    if driver == .redis, urls.isEmpty, convention != .verbatim {
      throw ValidationError("--driver redis needs a Redis: --url redis://127.0.0.1:6379, --url-variable or --url-file")
    }
    if let driver, driver != .redis, !urls.isEmpty {
      throw ValidationError("--driver \(driver.rawValue) uses no Redis; leave its URL or the driver out")
    }
    if driver == OriginChannelOptions.Driver.none, convention != nil {
      throw ValidationError("--convention does nothing with --driver none; leave one of them out")
    }
    if keyPrefix != nil, urls.isEmpty {
      throw ValidationError(
        "--key-prefix needs a Redis: --url redis://127.0.0.1:6379, --url-variable or --url-file")
    }
    if fault != nil, urls.isEmpty {
      throw ValidationError("--fault needs a Redis: --url redis://127.0.0.1:6379, --url-variable or --url-file")
    }
    if keyPrefix != nil, convention == .verbatim {
      throw ValidationError("--key-prefix does nothing with --convention verbatim; leave one of them out")
    }
    guard let url else { return }
    // Everybody on the machine can read a command line.
    guard !url.contains("@"), !url.contains("password=") else {
      throw ValidationError("--url takes no credentials; use --url-variable NAME or --url-file FILE")
    }
    if let problem = redisURLProblem(url) { throw ValidationError("--url \(url) can't be used: \(problem)") }
  }

  func apply(to settings: inout OriginSettings) throws {
    settings.convention = convention ?? .prefixed
    settings.keyPrefix = keyPrefix
    settings.fanOutFault = fault
    settings.fanOut =
      switch driver {
      case .some(.none): nil
      case .redis: .redis(OriginRedis())
      case .memory, nil: .memory
      }
    guard let (url, source) = try redisURL() else { return }
    do {
      let target = try redisTarget(url)
      let endpoint = target.endpoint
      guard target.sentinels == nil, !endpoint.usesTLS, !endpoint.isUnixSocket else {
        throw unusable(source, "the origin reaches Redis over plain TCP alone; give redis://host:port/database")
      }
      settings.fanOut = .redis(OriginRedis(endpoint: endpoint, username: target.username, password: target.password))
    } catch let error as RedisURLError {
      throw unusable(source, error.reason)
    }
  }

  private func unusable(_ source: String, _ reason: String) -> any Error {
    url == nil
      ? RunError(.malformed, "the Redis URL from \(source) can't be used: \(reason)")
      : ValidationError("--url can't be used: \(reason)")
  }

  private func redisURL() throws -> (Secret, source: String)? {
    if let url { return (Secret(url), "--url") }
    if let urlVariable {
      let environment = processEnvironment().mapValues(\.value)
      return (try secretVariable(urlVariable, in: environment, what: "the Redis URL"), "the variable \(urlVariable)")
    }
    return try urlFile.map { (try readSecretLine($0, what: "the file with the Redis URL"), $0) }
  }
}

extension OriginConvention: ExpressibleByArgument {}

private func faultArgument(_ text: String) throws -> OriginFanOutFault {
  let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
  switch (parts.first, parts.count) {
  case ("dead", 1): return .dead
  case ("deaf-after-reconnect", 1): return .deafAfterReconnect
  case ("duplicates", 1): return .duplicates
  case ("disorders", 1): return .disorders
  case ("stalls", 2): return .stalls(try durationArgument(parts[1]))
  case ("loses", 2): if let every = Int(parts[1]), every > 0 { return .loses(every: every) }
  default: break
  }
  throw ValidationError("expected dead, deaf-after-reconnect, duplicates, disorders, loses=10 or stalls=5s")
}
