import ArgumentParser
import Doctor

/// The options on how Redis is reached, and on what may be done to it.
struct RedisOptions: ParsableArguments {
  @Flag(help: "Publish on a channel of our own, and time the messages. Nothing else is written.")
  var active = false

  @Flag(help: "Also write a key of our own that expires at once, where a check needs it.")
  var intrusive = false

  @Option(help: ArgumentHelp("A PEM file with the certificate to show to Redis.", valueName: "file"))
  var certFile: String?

  @Option(help: ArgumentHelp("A PEM file with that certificate's key.", valueName: "file"))
  var keyFile: String?

  @Option(
    help: ArgumentHelp(
      "The name to ask Redis for over TLS, as through a tunnel, instead of the URL's host.", valueName: "name"))
  var serverName: String?

  @Option(help: ArgumentHelp("A SOCKS5 proxy to reach Redis through.", valueName: "host:port"))
  var socks: String?

  func validate() throws {
    if keyFile != nil, certFile == nil { throw ValidationError("--key-file needs --cert-file") }
    if let socks, !isHostAndPort(socks) {
      throw ValidationError("--socks takes HOST:PORT, as in 127.0.0.1:1080, of a proxy that asks for no password")
    }
  }

  var inputs: RedisInputs {
    var inputs = RedisInputs()
    inputs.isActive = active || intrusive
    inputs.isIntrusive = intrusive
    inputs.certificateFile = certFile
    inputs.keyFile = keyFile
    inputs.serverName = serverName
    inputs.socks = socks
    return inputs
  }
}

/// `127.0.0.1:1080`, `[::1]:1080`, `bastion:1080`.
private func isHostAndPort(_ text: String) -> Bool {
  guard let colon = text.lastIndex(of: ":"), UInt16(text[text.index(after: colon)...]) != nil else { return false }
  let host = text[..<colon]
  let name = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
  return !name.isEmpty
    && name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || ".-_".utf8.contains(byte)
        || host.hasPrefix("[") && byte == 0x3A
    }
}
