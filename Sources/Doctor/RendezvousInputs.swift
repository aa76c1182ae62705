import Facts
import RedisProbe

/// Where instances publish what they run under, and who is waited for.
public struct RendezvousInputs: Sendable {
  /// A text that can't name a deploy or a prefix.
  public struct Problem: Error, Sendable {
    /// What is wrong, in a sentence.
    public var sentence: String
  }

  let place: Rendezvous
  let urlVariable: String?
  let urlFile: String?
  /// How many instances there should be; nil where their names are given.
  public var expectedCount: Int?
  /// The names or patterns of the instances that there should be; nil for those of the manifest.
  public var expectedNames: [String]?
  /// How long they are waited for.
  public var wait = Duration.zero

  /// A place for a deploy's instances.
  ///
  /// - Parameters:
  ///   - urlVariable: the variable of this process that holds the Redis URL; nil for the system's own.
  ///   - urlFile: the file whose first line is the Redis URL.
  public init(
    deploy: String, prefix: String, timeToLive: Duration, urlVariable: String? = nil, urlFile: String? = nil
  ) throws(Problem) {
    do throws(RendezvousNameError) {
      place = try Rendezvous(prefix: prefix, deploy: deploy, timeToLive: timeToLive)
    } catch {
      throw Problem(sentence: error.reason)
    }
    self.urlVariable = urlVariable
    self.urlFile = urlFile
  }

  /// Whether the manifest is to say which Redis it is.
  var namesNoRedis: Bool { urlVariable == nil && urlFile == nil }

  /// Whether these instances are those that are waited for.
  func areThere(_ names: [String], _ expected: [String]) -> Bool {
    if let expectedCount { return names.count >= expectedCount }
    return expected.allSatisfy { name in names.contains { matches(name, $0) } }
  }
}

extension RendezvousInputs {
  /// The server: from the variable or the file that was named, else the manifest's, else what the system's own variable
  /// holds.
  func target(_ plan: Plan, _ variables: [String: Secret]) throws(RunError) -> (
    target: RedisTarget, source: String
  ) {
    let what = "the Redis URL"
    let url: Secret
    let source: String
    if let urlFile {
      url = try readSecretLine(urlFile, what: "the file with \(what),")
      source = urlFile
    } else if let named = plan.namedRedis.first, urlVariable == nil {
      url = named.url
      source = named.location?.description ?? "the manifest"
    } else {
      let name = urlVariable ?? plan.system.redisVariable
      url = try secretVariable(name, in: variables, what: what)
      source = "the variable \(name)"
    }
    do throws(RedisURLError) {
      let isOwn = urlFile == nil && urlVariable == nil && plan.namedRedis.isEmpty
      return (try isOwn ? redisTarget(url, among: variables, plan.system) : redisTarget(url), source)
    } catch {
      throw RunError(.malformed, "\(what) from \(source) can't be used: \(error.reason)")
    }
  }
}
