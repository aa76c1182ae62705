import ArgumentParser
import Doctor
import Facts
import Foundation
import Transport

/// How streams are reached, and with which headers.
struct StreamOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A request header whose value is the first line of a file; repeatable.", valueName: "name=file"),
    transform: HeaderArgument.init(argument:))
  var headerFile: [HeaderArgument] = []

  @Option(
    help: ArgumentHelp("A request header whose value is in a variable; repeatable.", valueName: "name=variable"),
    transform: HeaderArgument.init(argument:))
  var headerVariable: [HeaderArgument] = []

  @Option(help: ArgumentHelp("Say that this event was the last one seen.", valueName: "id"))
  var lastEventID: String?

  @Option(help: ArgumentHelp("Ask as a page of this origin does, and see whether it may.", valueName: "origin"))
  var origin: String?

  @Option(help: "Which cells of the browser matrix to open: all, browser (one, as a browser asks), curl (as curl -N).")
  var cells: StreamInputs.Cells?

  @Option(
    help: ArgumentHelp(
      "The addresses of a host and port, instead of what its name leads to; repeatable.",
      valueName: "host:port:address"))
  var resolve: [String] = []

  @Option(
    help: ArgumentHelp(
      "Connect elsewhere for a host and port; empty ones stand for any; repeatable.",
      valueName: "host:port:host:port"))
  var connectTo: [String] = []

  @Option(help: ArgumentHelp("A PEM file with the certificate to show to the server.", valueName: "file"))
  var certFile: String?

  @Option(help: ArgumentHelp("A PEM file with that certificate's key.", valueName: "file"))
  var keyFile: String?

  @Option(help: ArgumentHelp("A proxy on this side: http://proxy:3128, socks5h://….", valueName: "url"))
  var proxy: String?

  @Option(help: ArgumentHelp("A variable with the proxy's URL, which may hold credentials.", valueName: "name"))
  var proxyVariable: String?

  @Flag(name: [.customShort("4"), .customLong("ipv4")], help: "Use IPv4 addresses alone.")
  var ipv4 = false

  @Flag(name: [.customShort("6"), .customLong("ipv6")], help: "Use IPv6 addresses alone.")
  var ipv6 = false

  func validate() throws {
    if keyFile != nil, certFile == nil { throw ValidationError("--key-file needs --cert-file") }
    if ipv4, ipv6 { throw ValidationError("--ipv4 and --ipv6 exclude each other; without both, both are tried") }
    if proxy != nil, proxyVariable != nil { throw ValidationError("--proxy and --proxy-variable name one proxy each") }
    if let proxy {
      guard !proxy.contains("@") else {
        throw ValidationError(
          "a proxy's URL with credentials does not belong on the command line; use --proxy-variable NAME")
      }
      if let problem = proxyURLProblem(proxy) { throw ValidationError("--proxy \(problem)") }
    }
    for text in resolve where !isResolve(text) {
      throw ValidationError(
        "--resolve takes HOST:PORT:ADDRESS, as in admin.example.com:443:127.0.0.1; more addresses follow a comma")
    }
    for text in connectTo where !isConnectTo(text) {
      throw ValidationError(
        "--connect-to takes HOST:PORT:HOST:PORT, as in admin.example.com:443:127.0.0.1:8443; empty ones stand for any")
    }
    if let origin, let problem = originProblem(origin) { throw ValidationError("--origin \(problem)") }
    if let id = lastEventID, id.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      throw ValidationError("--last-event-id takes one line without control characters, as a header does")
    }
  }

  /// The options as inputs; what they name for secrets is read.
  func inputs(in environment: [String: Secret]) throws -> StreamInputs {
    var inputs = StreamInputs()
    for header in headerFile {
      let value = try readSecretLine(header.place, what: "the file with the \(header.name) header")
      inputs.headers.append((header.name, value))
    }
    for header in headerVariable {
      let value = try secretVariable(header.place, in: environment, what: "the \(header.name) header")
      inputs.headers.append((header.name, value))
    }
    inputs.lastEventID = lastEventID ?? ""
    inputs.origin = origin
    inputs.cells = cells
    inputs.route = Route(
      tls: TLSOptions(certificateFile: certFile, keyFile: keyFile),
      family: ipv4 ? .ipv4 : ipv6 ? .ipv6 : .any, resolve: resolve, connectTo: connectTo,
      proxy: proxy.map { Secret($0) })
    if let name = proxyVariable {
      let url = try secretVariable(name, in: environment, what: "the proxy's URL")
      if let problem = proxyURLProblem(url.reveal()) {
        throw RunError(.malformed, "the proxy's URL from the variable \(name) can't be used: it \(problem)")
      }
      inputs.route.proxy = url
    }
    return inputs
  }
}

/// A header by name, and the place of its value: `Cookie=ADMIN_COOKIE`.
struct HeaderArgument {
  var name: String
  var place: String

  init(argument: String) throws {
    let name = argument.prefix { $0 != "=" }
    let place = argument.dropFirst(name.count + 1)
    guard isHeaderName(String(name)), !place.isEmpty else {
      throw ValidationError(
        "expected NAME=PLACE, as in Cookie=ADMIN_COOKIE; a header's value itself does not belong on the command line")
    }
    self.name = String(name)
    self.place = String(place)
  }
}

/// `admin.example.com:443:127.0.0.1,[::1]`, as libcurl takes it.
private func isResolve(_ text: String) -> Bool {
  let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
  guard parts.count == 3, !parts[0].isEmpty, UInt16(parts[1]) != nil else { return false }
  return parts[2].split(separator: ",", omittingEmptySubsequences: false).allSatisfy { address in
    !address.isEmpty && address.allSatisfy { $0.isHexDigit || ".:[]".contains($0) }
      && address.contains { ".:".contains($0) }
  }
}

/// `admin.example.com:443:127.0.0.1:8443`, IPv6 addresses in brackets.
private func isConnectTo(_ text: String) -> Bool {
  var parts = [""]
  var isBracketed = false
  for character in text {
    if character == ":", !isBracketed {
      parts.append("")
    } else {
      if character == "[" { isBracketed = true }
      if character == "]" { isBracketed = false }
      parts[parts.count - 1].append(character)
    }
  }
  return parts.count == 4 && [parts[1], parts[3]].allSatisfy { $0.isEmpty || UInt16($0) != nil }
    && !text.contains(where: \.isWhitespace)
}

extension StreamInputs.Cells: ExpressibleByArgument {}
