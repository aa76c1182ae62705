import Foundation

/// A real nginx on a free port of 127.0.0.1 with one server block, everything it writes in a folder of its own.
public struct NginxServer: Sendable {
  /// The port.
  public let port: Int
  /// The process id.
  public let pid: Int32
  /// Scheme, host and port: the beginning of every URL on this server.
  public let origin: String

  private let folder: TemporaryFolder

  /// What nginx wrote to its error log so far.
  public var errorLog: String { folder.read(Self.logName) ?? "" }

  /// Runs the body with a server that accepts connections, and ends the server afterwards, also when the body throws.
  ///
  /// - Parameters:
  ///   - serverBlock: what stands inside `server { … }` beside `listen` and the certificate.
  ///   - tls: certificates to speak TLS with; nil for plain HTTP.
  ///   - http2: whether HTTP/2 is offered as well.
  public static func withServer<R>(
    serverBlock: String, tls: TestCertificates? = nil, http2: Bool = false, _ body: (NginxServer) async throws -> R
  ) async throws -> R {
    try await TemporaryFolder.with { folder in
      let (server, child) = try await startOnFreePort {
        try await start(serverBlock: serverBlock, tls: tls, http2: http2, in: folder)
      }
      return try await withCleanUp {
        try await body(server)
      } cleanUp: {
        await child.end()
      }
    }
  }

  private static let logName = "error.log"
  private static let pidName = "nginx.pid"

  private static func start(
    serverBlock: String, tls: TestCertificates?, http2: Bool, in folder: TemporaryFolder
  ) async throws -> (NginxServer, ChildProcess) {
    let port = try freePort()
    let listen = "127.0.0.1:\(port)" + (tls == nil ? "" : " ssl") + (http2 ? " http2" : "")
    let certificate = tls.map { "ssl_certificate \($0.certificateFile); ssl_certificate_key \($0.keyFile);" } ?? ""
    // One process without workers: the id that is ended is all there is, and no user is switched to who could not read
    // the folder, as root or not.
    let text = """
      daemon off;
      master_process off;
      pid \(folder.path(of: pidName));
      error_log \(folder.path(of: logName)) info;
      events { worker_connections 256; }
      http {
        access_log off;
        client_body_temp_path \(folder.path(of: "client-body"));
        proxy_temp_path \(folder.path(of: "proxy"));
        fastcgi_temp_path \(folder.path(of: "fastcgi"));
        uwsgi_temp_path \(folder.path(of: "uwsgi"));
        scgi_temp_path \(folder.path(of: "scgi"));
        server {
          listen \(listen);
          \(certificate)
          \(serverBlock)
        }
      }

      """
    let file = try folder.write(text, to: "nginx.conf")
    // -e: without it nginx first opens the log that it was compiled with, which an ordinary user cannot.
    let child = try ChildProcess(
      findProgram("nginx"), ["-e", folder.path(of: logName), "-p", folder.path, "-c", file],
      workingFolder: folder.path, standardOutput: folder.path(of: "output"))
    let log = { (folder.read("output") ?? "") + (folder.read(logName) ?? "") }
    try await waitUntilReady("nginx", child, log: log) {
      // The process id is written once the port is bound: only then is it this nginx that accepts.
      folder.read(pidName) != nil && TCPConnection.accepts(port: port)
    }
    let origin = "\(tls == nil ? "http" : "https")://127.0.0.1:\(port)"
    return (NginxServer(port: port, pid: child.pid, origin: origin, folder: folder), child)
  }
}
