import ArgumentParser
import Doctor
import Facts

/// Whether something is published for streams to bring, and through which Redis.
struct DriveOptions: ParsableArguments {
  @Flag(help: "Publish on a channel of our own through the Redis of the instances, and see the messages arrive.")
  var active = false

  @Option(help: ArgumentHelp("A variable with the Redis URL for --active; repeatable.", valueName: "name"))
  var redisVariable: [String] = []

  @Option(
    help: ArgumentHelp("A file with the Redis URL for --active in its first line; repeatable.", valueName: "file"))
  var redisFile: [String] = []

  func validate() throws {
    if !active, !redisVariable.isEmpty || !redisFile.isEmpty {
      throw ValidationError(
        "--redis-variable and --redis-file say through which Redis --active publishes; add --active")
    }
  }

  /// The Redis URLs that were named.
  func urls(in environment: [String: Secret]) throws(RunError) -> [Secret] {
    try namedRedisURLs(variables: redisVariable, files: redisFile, in: environment)
  }
}
