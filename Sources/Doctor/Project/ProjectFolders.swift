import Foundation
import Glibc

/// The folder that a path is in, as the operator would type it: `.` for a bare name.
func parent(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// A name inside a folder, without a needless `./`.
func path(_ name: String, in folder: String) -> String {
  folder == "." || folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
}

/// The folder and those above it, nearest first, up to the one that a repository begins in or the root.
///
/// A relative folder stays relative: above the working folder come `..`, `../..` and so on.
func foldersUpwards(from folder: String) -> [String] {
  var folders: [String] = []
  var current = folder
  var levelsAboveWorkingFolder = FileManager.default.currentDirectoryPath.split(separator: "/").count
  while true {
    folders.append(current)
    if PathKind(path(".git", in: current)) != .missing { return folders }
    let last = current.split(separator: "/").last
    if current == "." || last == ".." {
      levelsAboveWorkingFolder -= 1
      if levelsAboveWorkingFolder < 0 { return folders }
      current = path("..", in: current)
    } else if current == "/" {
      return folders
    } else {
      current = parent(of: current)
    }
  }
}

/// Whether a path is a symbolic link.
func isSymbolicLink(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
}
