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
