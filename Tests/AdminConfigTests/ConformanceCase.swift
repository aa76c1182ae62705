// A config and what it must give, in the form that the corpus and the conformance folders share.

/// A config, the environments it is read under, and what must come out; keys that are not named here are ignored.
struct ConformanceCase: Decodable, Sendable {
  /// What a conformance file calls the case; a case of the corpus has its folder's name.
  var name: String?
  /// The project's files by path; a case of the corpus has them in a folder.
  var files: [String: String]?
  var entry: String
  /// The variables of each instance; null is a variable that is not set.
  var environments: [String: [String: String?]]
  /// What each instance must give.
  var expected: [String: ExpectedRealtime]
  /// All variables that the setting depends on, over all instances.
  var reads: [String]?
  /// Variables that must be among them, where others may be as well.
  var readsAtLeast: [String]?
}

/// How one setting comes out.
enum SettingOutcome: Equatable, Sendable {
  /// It depends on something that can't be known.
  case undetermined
  /// `undefined` or `null` in JavaScript.
  case undefined
  case text(String)
}

/// What one instance must give; what is nil is not asserted.
struct ExpectedRealtime: Decodable, Sendable {
  var driver: SettingOutcome?
  var url: SettingOutcome?
  var keyPrefix: SettingOutcome?
  /// The failure that ends the start, instead of settings.
  var failure: ExpectedFailure?

  private enum Key: String, CodingKey { case driver, url, keyPrefix, fails, file, line, undetermined }

  /// Reads an instance: `null` is undefined, `undetermined` as the driver or a list of further settings is unknown.
  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    let undetermined = try container.decodeIfPresent([String].self, forKey: .undetermined) ?? []
    func outcome(_ key: Key) throws -> SettingOutcome? {
      if undetermined.contains(key.rawValue) { return .undetermined }
      guard container.contains(key) else { return nil }
      return try container.decodeIfPresent(String.self, forKey: key).map { .text($0) } ?? .undefined
    }
    let driver = try outcome(.driver)
    self.driver = driver == .text("undetermined") ? .undetermined : driver
    url = try outcome(.url)
    keyPrefix = try outcome(.keyPrefix)
    if let message = try container.decodeIfPresent(String.self, forKey: .fails) {
      failure = ExpectedFailure(
        message: message, file: try container.decodeIfPresent(String.self, forKey: .file),
        line: try container.decodeIfPresent(Int.self, forKey: .line))
    }
  }
}

/// A throw that ends the start.
struct ExpectedFailure: Sendable {
  /// The thrown message; empty for any.
  var message: String
  var file: String?
  var line: Int?
}
