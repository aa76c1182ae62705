import Facts

/// The modes that Next.js loads an environment in: what NODE_ENV is, and which `.env` files count.
public enum NextMode: String, Sendable, CaseIterable {
  /// `next start` and `next build`.
  case production
  /// `next dev`.
  case development
  /// Test runners, with NODE_ENV set to `test`.
  case test
}

/// Reads the environment that Next.js loads in a folder, as `loadEnvConfig` of `@next/env` does it.
///
/// The first of `.env.MODE.local`, `.env.local` (not in test mode), `.env.MODE` and `.env` that sets a variable gives it
/// its value. NODE_ENV is set before any of them is read, so none can change it; it is the one variable without location.
///
/// - Parameters:
///   - folder: The folder that the application is started in.
///   - mode: The mode that it is started in.
/// - Throws: `missing` where there is no such folder, or none of the files in it; otherwise as `readEnvFiles`. Where
///   Next.js goes on without a file that it can't read, the environment is not known here.
public func readNextEnvironment(
  in folder: String, mode: NextMode = .production
) throws(EnvFileError) -> InstanceVariables {
  try requireFolder(folder)
  let names = envFileNames(in: mode)
  var paths: [String] = []
  for path in names.map({ join(folder, $0) }) where try isLoaded(path) { paths.append(path) }
  guard !paths.isEmpty else {
    throw EnvFileError(
      .missing, "there is no file in it that Next.js loads in \(mode.rawValue) mode: \(names.joined(separator: ", "))",
      at: Location(file: folder))
  }
  let nodeEnvironment = EnvironmentVariable(name: "NODE_ENV", value: Secret(mode.rawValue))
  var read = try readEnvFiles(
    paths.reversed(), dialect: .next, inherited: [nodeEnvironment.name: nodeEnvironment.value])
  read.variables[nodeEnvironment.name] = nodeEnvironment
  let pronoun = paths.count > 1 ? "them" : "it"
  read.source = "\(paths.joined(separator: ", ")) (as Next.js loads \(pronoun) in \(mode.rawValue) mode)"
  return read
}

/// The names of the files, the one that overrides all others first.
private func envFileNames(in mode: NextMode) -> [String] {
  // Tests are meant to give the same results for everyone, so `.env.local` is not for them.
  let local = mode == .test ? [] : [".env.local"]
  return [".env.\(mode.rawValue).local"] + local + [".env.\(mode.rawValue)", ".env"]
}

private func requireFolder(_ folder: String) throws(EnvFileError) {
  let location = Location(file: folder)
  switch try kind(of: folder) {
  case .folder: return
  case .missing: throw EnvFileError(.missing, "there is no such folder", at: location)
  case .regular, .pipe, .other:
    throw EnvFileError(
      .unreadable, "it is not a folder; Next.js loads the files of the folder that it is started in", at: location)
  }
}

/// Whether Next.js reads what stands at a path. It passes over folders and devices: `/dev/null` is mounted over a file to
/// hide it. A pipe it reads; here one can't be, and must not be taken for nothing.
private func isLoaded(_ path: String) throws(EnvFileError) -> Bool {
  switch try kind(of: path) {
  case .regular, .pipe: true
  case .folder, .other, .missing: false
  }
}

func kind(of path: String) throws(EnvFileError) -> FileKind {
  do {
    return try fileKind(of: path)
  } catch {
    throw EnvFileError(error, file: path)
  }
}

/// The path as an operator would type it: `.env` rather than `./.env` or `app/./.env`.
func join(_ folder: String, _ name: String) -> String {
  var parent = folder[...]
  while parent.hasSuffix("/.") || parent.hasSuffix("/") { parent.removeLast() }
  if parent.isEmpty { return "/" + name }
  return parent == "." ? name : "\(parent)/\(name)"
}
