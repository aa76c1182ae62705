import ArgumentParser
import Doctor
import Facts

/// Whether something is published for streams to bring, and through which Redis.
struct DriveOptions: ParsableArguments {
  @Flag(help: "Publish on a channel of our own through the Redis of the instances, and see the messages arrive.")
  var active = false

  @OptionGroup var redis: PublishingOptions

  func validate() throws {
    if !active, !redis.isEmpty {
      throw ValidationError(
        "--redis-variable and --redis-file say through which Redis --active publishes; add --active")
    }
  }
}

/// Through which Redis something is published, instead of those of the instances.
struct PublishingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("A variable with the URL of the Redis to publish through; repeatable.", valueName: "name"))
  var redisVariable: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file with the URL of the Redis to publish through in its first line; repeatable.", valueName: "file"))
  var redisFile: [String] = []

  /// Whether none was named.
  var isEmpty: Bool { redisVariable.isEmpty && redisFile.isEmpty }

  /// The Redis URLs that were named.
  func urls(in environment: [String: Secret]) throws(RunError) -> [Secret] {
    try namedRedisURLs(variables: redisVariable, files: redisFile, in: environment)
  }
}
