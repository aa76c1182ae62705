import Doctor
import Foundation

/// The temporary folder of a demo, readable by its owner alone, which becomes the working folder and is gone with this
/// program.
struct DemoFolder: Sendable {
  let path: String
  private let caretaker: Caretaker

  /// Makes it.
  static func make() throws(RunError) -> DemoFolder {
    let given = ProcessInfo.processInfo.environment["TMPDIR"] ?? ""
    let parent = given.isEmpty ? "/tmp" : absolutePath(given)
    var template = Array("\(parent)/flowpanel-doctor-demo-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw RunError(
        .missing,
        "the demo's folder can't be made in \(parent): \(String(cString: strerror(errno))); name a folder that can be "
          + "written to in the variable TMPDIR")
    }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let caretaker: Caretaker
    do {
      let (started, output) = try Caretaker.start(end: "/bin/rm -rf -- \(shellQuoted(path))")
      close(output)
      caretaker = started
    } catch {
      rmdir(path)
      throw error
    }
    guard chdir(path) == 0 else {
      throw RunError(.missing, "the demo's folder \(path) can't be entered: \(String(cString: strerror(errno)))")
    }
    return DemoFolder(path: path, caretaker: caretaker)
  }

  /// Removes it and returns when it is gone.
  func remove() async { await caretaker.end() }
}

/// Writes a file that belongs to the demo into the working folder.
func write(_ text: String, to name: String) throws(RunError) {
  do {
    try Data(text.utf8).write(to: URL(filePath: name))
  } catch {
    throw RunError(.missing, "the demo's file \(absolutePath(name)) can't be written: \(error.localizedDescription)")
  }
}
