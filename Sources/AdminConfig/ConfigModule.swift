import Facts

/// A config with the files that it leads to, read once and evaluated under as many environments as there are instances.
/// Nothing in it is executed.
public struct ConfigModule: Sendable {
  let project: Project

  /// Reads the module at `path` and whatever it imports through `files`; paths are what locations show, and their
  /// extensions say whether `<` may start a JSX element. Throws for an entry that can't be read, whose text has no
  /// structure, or that exports nothing.
  public init(entry path: String, files: ConfigFiles) throws(ConfigError) {
    let project = try withLargeStack { () -> Swift.Result<Project, ConfigError> in
      do throws(ConfigError) {
        return .success(try Project(entry: path, files: files))
      } catch {
        return .failure(error)
      }
    }.get()
    if case .code(let code) = project.modules[0].content, !code.program.exportsSomething {
      throw ConfigError(
        "this module has no default export; `export default defineAdmin({ … })` was expected: add it, or name the file that has it",
        at: code.program.source.location(of: code.program.source.start))
    }
    self.project = project
  }

  /// What the config gives for `realtime` under one instance's environment.
  public func realtime(under environment: ConfigEnvironment) -> RealtimeSettings {
    realtime(underEach: [environment])[0]
  }

  /// What the config gives for `realtime` under each instance's environment, in order. Where all that the config reads is
  /// the same for two instances, it is evaluated once for both.
  public func realtime(underEach environments: [ConfigEnvironment]) -> [RealtimeSettings] {
    var results = [RealtimeSettings?](repeating: nil, count: environments.count)
    var candidates: [(name: String, index: Int)] = []
    var known: [(variables: [String: Secret], settings: RealtimeSettings)] = []
    var pending = Array(environments.indices)
    while !pending.isEmpty {
      pending.removeAll { index in
        guard case .known(let variables) = environments[index] else { return false }
        let same = known.first { earlier in
          earlier.settings.reads.allSatisfy { earlier.variables[$0.name] == variables[$0.name] }
        }
        results[index] = same?.settings
        return same != nil
      }
      let batch = Array(pending.prefix(Limit.evaluationsAtOnce))
      pending.removeFirst(batch.count)
      let evaluated = onLargeStacks(batch.count) { settings(under: environments[batch[$0]]) }
      for (index, (settings, readsAll, perhapsRequired)) in zip(batch, evaluated) {
        results[index] = settings
        for name in perhapsRequired where !candidates.contains(where: { $0.name == name }) {
          candidates.append((name, index))
        }
        if !readsAll, case .known(let variables) = environments[index] { known.append((variables, settings)) }
      }
    }
    // What may be required is so where the config does not start without it.
    candidates = Array(candidates.prefix(Limit.requiredVariables))
    while !candidates.isEmpty {
      let batch = Array(candidates.suffix(Limit.evaluationsAtOnce))
      candidates.removeLast(batch.count)
      let failures = onLargeStacks(batch.count) { position in
        let (name, index) = batch[position]
        return settings(under: environments[index].without(name)).settings.failure != nil
      }
      for ((name, index), fails) in zip(batch, failures) where fails {
        guard let read = results[index]?.reads.firstIndex(where: { $0.name == name }) else { continue }
        results[index]?.reads[read].need = .failsWithout
      }
    }
    return results.compactMap { $0 }
  }

  /// The settings, whether the config asked for all variables, and those that are set and may be required.
  private func settings(
    under environment: ConfigEnvironment
  ) -> (settings: RealtimeSettings, readsAll: Bool, perhapsRequired: [String]) {
    var reader = RealtimeReader(Interpreter(project, under: environment))
    let settings = reader.settings()
    var names: [String] = []
    if settings.failure == nil, case .known(let variables) = environment {
      names = reader.interpreter.perhapsRequired.filter { variables[$0] != nil }.sorted()
    }
    return (settings, reader.interpreter.readsAll, names)
  }
}

extension ConfigEnvironment {
  /// The same without a variable.
  fileprivate func without(_ name: String) -> ConfigEnvironment {
    guard case .known(var variables) = self else { return self }
    variables[name] = nil
    return .known(variables)
  }
}

extension Program {
  /// Whether a default export may be found: one of ECMAScript or of CommonJS.
  fileprivate var exportsSomething: Bool {
    if !isModule { return namesCommonExports }
    let isExported = exports.contains { export in
      switch export {
      case .local(_, let name, _), .indirect(_, _, let name, _), .namespace(_, let name, _): name == "default"
      case .star: false
      }
    }
    return hasDefaultExport || isExported
  }
}
