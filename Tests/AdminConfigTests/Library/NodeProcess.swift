// Runs JavaScript in Node.js, where it is installed, so that tests can compare.
import Foundation
import Testing

@testable import AdminConfig

enum NodeProcess {
  /// The first node in PATH.
  static let path =
    (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/node" }
    .first { FileManager.default.isExecutableFile(atPath: $0) } ?? "/usr/bin/node"

  /// Whether there is one that knows what the tests use: version 20 or later.
  static let isInstalled: Bool = {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["--version"]
    let output = Pipe()
    process.standardOutput = output
    guard (try? process.run()) != nil else { return false }
    let version = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return Int(version.dropFirst().prefix { $0 != "." }).map { $0 >= 20 } ?? false
  }()

  /// What each expression is worth, as text: its kind and its value, or the kind of error that it throws.
  static func values(of expressions: [String]) throws -> [String] {
    let script = """
      "use strict";
      const units = (text) => Array.from({ length: text.length }, (_, i) => text.charCodeAt(i).toString(16)).join(" ");
      const shown = (value) => {
        if (typeof value === "string") return "s:" + (value.isWellFormed() ? units(value) : "cut");
        if (typeof value === "number") return "n:" + (Object.is(value, -0) ? "-0" : String(value));
        if (Array.isArray(value)) {
          const parts = Array.from(value, shown);
          return parts.includes("s:cut") ? "s:cut" : "[" + parts.join(",") + "]";
        }
        if (value === undefined) return "undefined";
        if (value !== null && typeof value === "object") return shown(value.list);
        return String(value);
      };
      const sources = \(try json(expressions));
      process.stdout.write(JSON.stringify(sources.map((source) => {
        try { return shown((0, eval)("(" + source + ")")); } catch (error) { return "throws " + error.name; }
      })));
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = ["-"]
    let input = Pipe()
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    // The script is whole before Node.js begins to answer, so neither waits for the other.
    input.fileHandleForWriting.write(Data(script.utf8))
    try input.fileHandleForWriting.close()
    let answer = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return try JSONDecoder().decode([String].self, from: answer)
  }

  private static func json(_ expressions: [String]) throws -> String {
    String(decoding: try JSONEncoder().encode(expressions), as: UTF8.self)
  }
}

/// A JavaScript expression, and what this library makes of it.
struct Comparison {
  var expression: String
  var result: BuiltinResult?
}

/// Checks that the library gives what Node.js gives, wherever it gives anything; returns how often it did.
@discardableResult
func expectAgreement(_ comparisons: [Comparison]) throws -> Int {
  let answers = try NodeProcess.values(of: comparisons.map(\.expression))
  try #require(answers.count == comparisons.count)
  var computed = 0
  for (comparison, answer) in zip(comparisons, answers) {
    guard let result = comparison.result else {
      Issue.record("\(comparison.expression) is unknown here, and \(answer) in Node.js")
      continue
    }
    if case .notComputed("text cut inside a character") = result {
      #expect(answer == "s:cut", "\(comparison.expression)")
      continue
    }
    if case .notComputed = result { continue }
    computed += 1
    #expect(shown(result) == answer, "\(comparison.expression)")
  }
  return computed
}

func shown(_ result: BuiltinResult) -> String {
  switch result {
  case .value(let value): shown(value)
  case .throwsError(let kind, _): "throws \(kind)"
  case .notComputed(let reason): "not computed: \(reason)"
  }
}

func shown(_ value: Scalar) -> String {
  switch value {
  case .undefined: "undefined"
  case .null: "null"
  case .boolean(let value): "\(value)"
  case .number(let value): "n:" + (value == 0 && value.sign == .minus ? "-0" : numberText(value))
  case .string(let text): "s:" + text.utf16.map { String($0, radix: 16) }.joined(separator: " ")
  case .list(let elements): "[" + elements.map { shown($0) }.joined(separator: ",") + "]"
  case .regularExpression(let expression): expression.literal
  }
}

/// A value as JavaScript source.
func source(_ value: Scalar) -> String {
  switch value {
  case .undefined: "undefined"
  case .null: "null"
  case .boolean(let value): "\(value)"
  case .number(let value): value == 0 && value.sign == .minus ? "-0" : "(\(numberText(value)))"
  case .string(let text): "\"" + text.utf16.map { "\\u" + hexadecimal($0) }.joined() + "\""
  case .list(let elements): "[" + elements.map { source($0) }.joined(separator: ",") + "]"
  case .regularExpression(let expression): "new RegExp(\(source(.string(expression.source))), \"\(expression.flags)\")"
  }
}

private func hexadecimal(_ unit: UInt16) -> String {
  let digits = String(unit, radix: 16)
  return String(repeating: "0", count: 4 - digits.count) + digits
}

/// The same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int(next() % UInt64(elements.count))]
  }

  mutating func text(of parts: [String], upTo count: Int) -> String {
    (0..<Int(next() % UInt64(count + 1))).map { _ in pick(parts) }.joined()
  }
}
