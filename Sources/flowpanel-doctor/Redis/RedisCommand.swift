import ArgumentParser
import Doctor
import Facts

/// `flowpanel-doctor redis`: one Redis URL, step by step.
struct RedisCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "redis",
    abstract: "Connect to Redis step by step, and check that it is safe to rely on.",
    discussion: """
      Without a URL: the ones that the instances would use, and the manifest's.

      EXAMPLES
        flowpanel-doctor redis redis://cache:6379/0
        flowpanel-doctor redis --url-variable REDIS_URL
        flowpanel-doctor redis --url-file /run/secrets/redis-url
        printenv REDIS_URL | flowpanel-doctor redis -
      """)

  @Argument(help: "A Redis URL without credentials, or - for one URL a line on standard input.")
  var url: [String] = []

  @Option(help: ArgumentHelp("A variable that holds the URL; repeatable.", valueName: "name"))
  var urlVariable: [String] = []

  @Option(help: ArgumentHelp("A file with the URL in its first line; repeatable.", valueName: "file"))
  var urlFile: [String] = []

  @OptionGroup var redis: RedisOptions
  @OptionGroup var input: InputOptions
  @OptionGroup var output: ReportOptions

  func validate() throws {
    // Everybody on the machine can read a command line.
    guard !url.contains(where: { $0.contains("@") || $0.contains("password=") }) else {
      throw ValidationError(
        "a URL with credentials does not belong on the command line, where every user of the machine can read it; "
          + "use --url-variable NAME, --url-file FILE, or - for standard input")
    }
    for text in url where text != "-" {
      if let problem = redisURLProblem(text) {
        throw ValidationError("the Redis URL \(text) can't be used: \(problem)")
      }
    }
  }

  func run() async throws {
    try await input.run(reporting: output, on: inputs)
  }

  private func inputs() throws -> RunInputs {
    var inputs = try input.inputs(on: [.redis])
    inputs.redis = redis.inputs
    for text in url {
      guard text == "-" else {
        inputs.redisURLs.append(Secret(text))
        continue
      }
      while let line = readLine() {
        if !line.isEmpty { inputs.redisURLs.append(try usable(Secret(line), from: "standard input")) }
      }
      guard !inputs.redisURLs.isEmpty else { throw ValidationError("standard input holds no Redis URL") }
    }
    inputs.redisURLs += try namedRedisURLs(variables: urlVariable, files: urlFile, in: inputs.environment)
    return inputs
  }
}

/// The Redis URLs that variables and files hold.
func namedRedisURLs(
  variables: [String], files: [String], in environment: [String: Secret]
) throws(RunError) -> [Secret] {
  var urls: [Secret] = []
  for name in variables {
    let url = try secretVariable(name, in: environment, what: "the Redis URL")
    urls.append(try usable(url, from: "the variable \(name)"))
  }
  for path in files {
    let url = try readSecretLine(path, what: "the file with the Redis URL")
    urls.append(try usable(url, from: path))
  }
  return urls
}

/// A URL that leads somewhere.
private func usable(_ url: Secret, from source: String) throws(RunError) -> Secret {
  guard let problem = redisURLProblem(url.reveal()) else { return url }
  throw RunError(.malformed, "the Redis URL from \(source) can't be used: \(problem)")
}
