/// The paths at which flowpanel looks for its config, in order: the folder itself, then `src` inside it, each with every
/// extension that a TypeScript or JavaScript module may have. Nothing is read; the paths start with `folder` as given.
public func configCandidates(in folder: String) -> [String] {
  let extensions = ["ts", "mts", "cts", "tsx", "js", "mjs", "cjs", "json"]
  let base = folder.isEmpty || folder == "." ? "" : folder.hasSuffix("/") ? folder : folder + "/"
  return ["", "src/"].flatMap { subfolder in extensions.map { "\(base)\(subfolder)flowpanel.config.\($0)" } }
}
