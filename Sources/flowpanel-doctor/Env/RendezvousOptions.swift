import ArgumentParser
import Doctor
import Facts

/// Where instances publish and the gate reads.
struct RendezvousOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What tells this rollout from every other, such as a build's number: the gate reads what was published under the "
        + "same, and an earlier rollout must not be taken for this one.",
      valueName: "id"))
  var deploy: String

  @Option(help: ArgumentHelp("What the keys in Redis begin with.", valueName: "text"))
  var prefix: String = "flowpanel-doctor:env"

  @Option(help: ArgumentHelp("A variable that holds the Redis URL.", valueName: "name"))
  var urlVariable: String?

  @Option(help: ArgumentHelp("A file with the Redis URL in its first line.", valueName: "file"))
  var urlFile: String?

  func validate() throws {
    if urlVariable != nil, urlFile != nil {
      throw ValidationError("the Redis URL comes from a variable or a file, not both")
    }
  }

  func inputs(timeToLive: Duration = .seconds(3600)) throws -> RendezvousInputs {
    do {
      return try RendezvousInputs(
        deploy: deploy, prefix: prefix, timeToLive: timeToLive, urlVariable: urlVariable, urlFile: urlFile)
    } catch {
      throw ValidationError(error.sentence)
    }
  }
}
