public import Facts

/// The imports and the exported constants of a module, and what it calls: what its text says without evaluating it.
public struct ModuleOutline: Sendable {
  /// One name that is imported; imports of types alone are left out.
  public struct Import: Sendable, Equatable {
    /// The module that it is taken from, as written.
    public var module: String
    /// `default`, `*` for all, or the exported name.
    public var name: String
    /// The name that it has in this module.
    public var local: String
    /// Where the import stands.
    public var location: Location
  }

  /// An exported name: its text where it is a constant text, and where it stands.
  public struct Export: Sendable, Equatable {
    /// The text of `export const name = "text"`; nil for any other export.
    public var text: String?
    /// Where its value stands, or the export itself.
    public var location: Location
  }

  /// The imports, in order.
  public var imports: [Import] = []
  /// The exports by name, those of other modules too.
  public var exports: [String: Export] = [:]
  /// The plain names that are called anywhere in the module.
  public var callees: Set<String> = []

  /// Reads a module; throws for text that has no structure.
  public init(source bytes: [UInt8], path: String) throws(ConfigError) {
    let source = SourceText(bytes, path: path)
    let program = try withLargeStack { () -> Swift.Result<Program, ConfigError> in
      do throws(ConfigError) {
        return .success(try Parser.program(of: source))
      } catch {
        return .failure(error)
      }
    }.get()
    for declaration in program.imports {
      for (imported, local) in declaration.names {
        let name = if case .name(let name) = imported { name } else { "*" }
        imports.append(
          Import(
            module: declaration.module, name: name, local: program.names[Int(local.index)],
            location: source.location(of: Int(declaration.offset))))
      }
    }
    let constants = program.constants
    for export in program.exports {
      switch export {
      case .local(let local, let name, let offset):
        let constant = constants[local]
        exports[name] = Export(
          text: constant?.text, location: source.location(of: Int(constant?.offset ?? offset)))
      case .indirect(_, _, let name, let offset), .namespace(_, let name, let offset):
        exports[name] = Export(text: nil, location: source.location(of: Int(offset)))
      case .star: continue
      }
    }
    for node in program.expressions {
      guard case .call(let callee, _, _) = node.kind,
        case .name(let name) = program.expressions[Int(callee.value)].kind
      else { continue }
      callees.insert(program.names[Int(name.index)])
    }
  }
}

extension Program {
  /// The top-level constants with a value: its text where it is a literal, and where it stands.
  fileprivate var constants: [Name: (text: String?, offset: Int32)] {
    var all: [Name: (text: String?, offset: Int32)] = [:]
    for statement in lists[body.range] {
      guard case .variables(let kind, let span) = statements[Int(statement)].kind else { continue }
      for declarator in declarators[span.range] {
        guard case .name(let name) = patterns[Int(declarator.pattern.value)].kind, let initial = declarator.initial
        else { continue }
        let value = expressions[Int(initial.value)]
        if case .string(let text) = value.kind, kind == .const {
          all[name] = (texts[Int(text.value)], value.offset)
        } else {
          all[name] = (nil, value.offset)
        }
      }
    }
    return all
  }
}
