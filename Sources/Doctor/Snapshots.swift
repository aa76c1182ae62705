import Diagnosis
public import Facts
import Glibc
import InstanceEnvironment

/// The machine's name as an instance's; `this-machine` where it can't be one.
public func hostName() -> String {
  var buffer = [CChar](repeating: 0, count: 256)
  let failed = gethostname(&buffer, buffer.count - 1) != 0
  let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  return !failed && isInstanceName(name) ? name : "this-machine"
}

/// Takes a snapshot of the environments that the inputs name.
///
/// - Parameter interruption: ends the commands that still run.
/// - Returns: the snapshot, and why instances are not in it.
/// - Throws: `RunError` when an input that was named is missing or can't be understood; `Interrupted`.
public func takeSnapshot(
  _ inputs: RunInputs, interruption: AsyncStream<Void>
) async throws -> (snapshot: EnvironmentSnapshot, problems: [Unseen]) {
  let plan = try Plan(inputs)
  let (environments, wasInterrupted) = await readEnvironments(
    plan, inputs, interruption: interruption, plan.fingerprinter(inputs.fingerprintKey)
  ) { $0.facts(by: &$1) }
  if wasInterrupted { throw Interrupted() }
  let read = environments.filter { $0.variables.value != nil }
  return (EnvironmentSnapshot(read), environments.compactMap(\.variables.unseen))
}

/// The names of the instances in a snapshot.
public func instanceNames(inSnapshot path: String) throws(RunError) -> [String] {
  try EnvironmentSnapshot.names(inFile: path)
}

extension EnvironmentSnapshot {
  /// `2 instances, 31 variables`.
  public var summary: String {
    let count = environments.reduce(0) { $0 + ($1.variables.value?.count ?? 0) }
    return "\(counted(environments.count, "instance")), \(counted(count, "variable"))"
  }
}
