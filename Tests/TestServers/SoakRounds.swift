import Foundation

/// How often Tests/soak has each set-up looked at.
public struct SoakRounds: Sendable {
  /// The healthy ones.
  public var healthy: Int
  /// The faulty ones.
  public var faulty: Int

  /// What DOCTOR_SOAK says, `100 20`; nil without it.
  public static let asked = ProcessInfo.processInfo.environment["DOCTOR_SOAK"].flatMap { text -> SoakRounds? in
    let numbers = text.split(separator: " ").compactMap { Int($0) }
    return numbers.count == 2 ? SoakRounds(healthy: numbers[0], faulty: numbers[1]) : nil
  }
}
