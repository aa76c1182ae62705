// What findings on streams say where the saying is the point: whose fault it is, and what to type.

import Diagnosis
import Facts
import Testing

@testable import Checks

@Suite struct StreamMessageTests {
  @Test(
    "a proxy on this side that refuses is blamed itself",
    arguments: [
      ("403", "The proxy's rules forbid it"), ("407", "The proxy asks for credentials"), ("502", "The proxy of"),
    ])
  func proxy(_ status: String, _ remedy: String) throws {
    let facts = Samples.stream(.proxy, "CONNECT tunnel failed, response \(status)", reached: 2)
      .streams { $0.proxy = "http://proxy:3128" }
    let finding = try finding(of: StreamAnswers(), in: facts)
    #expect(
      finding.message == "the proxy http://proxy:3128, which this run was told to go through, gave no way to "
        + "the public URL: CONNECT tunnel failed, response \(status)")
    #expect(finding.remedy?.text.hasPrefix(remedy) == true)
  }

  @Test func `407 without TLS is the proxy's own word too`() throws {
    let facts = Samples.stream(status: 407).streams { $0.proxy = "http://proxy:3128" }
    let finding = try finding(of: StreamAnswersOK(), in: facts)
    #expect(finding.message.hasPrefix("the proxy http://proxy:3128, "))
    #expect(finding.remedy?.text.contains("--proxy-variable") == true)
  }

  @Test(
    "a certificate's remedy follows its fault, in OpenSSL's and libcurl's words",
    arguments: [
      ("SSL certificate problem: certificate has expired", "Renew"),
      ("SSL certificate problem: certificate is not yet valid", "Correct the clock"),
      ("SSL: no alternative certificate subject name matches target host name 'admin.example.com'", "or write a name"),
      ("SSL: certificate subject name 'a' does not match target host name 'admin.example.com'", "or write a name"),
      ("SSL certificate problem: self-signed certificate", "has signed itself"),
      ("SSL certificate problem: self-signed certificate in certificate chain", "the whole chain"),
      ("SSL certificate problem: unable to get local issuer certificate", "the whole chain"),
      ("SSL certificate problem: EE certificate key too weak", "from an authority that browsers trust"),
    ])
  func certificates(_ words: String, _ remedy: String) throws {
    let finding = try finding(of: StreamAnswers(), in: Samples.stream(.certificate, words, reached: 2))
    #expect(finding.remedy?.text.contains(remedy) == true, "\(finding.remedy?.text ?? "")")
    #expect(
      finding.remedy?.commands == [
        "openssl s_client -connect admin.example.com:443 -servername admin.example.com -showcerts </dev/null"
      ])
  }

  @Test(
    "the port in the URL is the one that openssl is sent to",
    arguments: [
      ("https://[::1]:8443/stream", "'[::1]:8443'"), ("https://[::1]/stream", "'[::1]:443'"),
      ("https://Admin.example.com:8443/stream", "admin.example.com:8443"),
    ])
  func ports(_ url: String, _ place: String) {
    #expect(certificateRemedy(.expired, at: url).commands.first?.contains("-connect \(place) ") == true)
  }

  @Test(
    "plain HTTP to a TLS port is named as that, whoever answers",
    arguments: [
      "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>",
      "Client sent an HTTP request to an HTTPS server.\n",
      String(apachePage.prefix(300)),
    ])
  func plainHTTP(_ body: String) throws {
    let facts = Samples.stream(status: 400, body: body).streams { $0.url = "http://admin.example.com:443/stream" }
    let finding = try finding(of: StreamAnswersOK(), in: facts)
    #expect(finding.message == "the public URL answered 400: the port speaks TLS and was asked in plain HTTP")
    #expect(finding.remedy?.text.hasPrefix("Write https://") == true)
    let other = try self.finding(of: StreamAnswersOK(), in: Samples.stream(status: 400, body: body))
    #expect(!other.message.contains("plain HTTP"), "an https URL was asked over TLS")
  }

  @Test func `who was turned away by TestPlanIt is told once, and whom to ask`() throws {
    let verdicts = judge(Samples.overCap, with: [StreamHasRoom(), StreamAnswersOK()])
    #expect(verdicts.map(\.kind) == [.finding, .notApplicable])
    #expect(verdicts[0].remedy?.commands == ["curl -s https://admin.example.com/api/health"])
  }

  @Test func `an instance that waits for Valkey is told once`() {
    let facts = Samples.stream(system: .testplanit).streams { $0.instance = "web-1" }
    let verdicts = judge(facts, with: [StreamReachesItsBackend(), StreamBeginsWithHandshake()])
    #expect(verdicts.map(\.kind) == [.finding, .notApplicable])
  }

  @Test func `a header that nginx took out on the way is told as that`() {
    let facts = Samples.streams(direct: Samples.ready, public: Samples.ready).streams {
      if $0.instance != nil { $0.add("X-Accel-Buffering", "no") }
    }
    let verdicts = judge(facts, with: [StreamAsksNotToBeBuffered()])
    #expect(verdicts.map(\.kind) == [.pass, .pass])
    #expect(verdicts.last?.message.hasSuffix("it was taken out, as nginx does") == true)
  }

  @Test func `compression makes a missing no-transform a warning in every cell of the URL`() throws {
    let facts = Samples.cells(browser: Samples.ready, identity: Samples.ready).streams {
      $0.add("Cache-Control", "no-cache")
      if $0.cell.coding == .browser { $0.add("Content-Encoding", "gzip") }
    }
    let finding = try finding(of: StreamStaysOutOfCaches(), in: facts)
    #expect(finding.severity == .warning)
    #expect(finding.message.hasSuffix("middleware may compress it, and it comes compressed"))
  }

  @Test(
    "numbers past all bounds are compared and not trusted",
    arguments: ["18446744073709551615", "9223372036854775807", "18446744073709551615-18446744073709551615", "0"])
  func hugeIDs(_ id: String) {
    let numbers = [-5, 1, Int.max].map { number in
      StreamFacts.Arrival(
        .event(type: "message", data: ""), atMilliseconds: 1, lastEventID: "\(number)",
        mark: OriginMark(number: number, sentAtMicroseconds: 0, elapsedMicroseconds: 0, isLast: false))
    }
    let entries = ["0-0", id, "18446744073709551615-18446744073709551615"].map { text in
      StreamFacts.Arrival(.event(type: "message", data: ""), atMilliseconds: 1, lastEventID: text)
    }
    for arrivals in numbers.map({ [$0] }) + entries.map({ [$0] }) + [numbers, entries] {
      let facts = Samples.stream(arrivals, system: .redisStreams).streams { $0.sentLastEventID = id }
      #expect(judge(facts, with: [StreamResumesAfterAnEvent()]).count == 1)
    }
  }

  /// The only finding that a check has.
  private func finding(of check: some Check, in facts: Facts) throws -> Verdict {
    let findings = judge(facts, with: [check]).filter { $0.kind == .finding }
    #expect(findings.count == 1)
    return try #require(findings.first)
  }
}

/// What Apache 2.4.71 answers.
private let apachePage = """
  <!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN" "http://www.w3.org/TR/html4/strict.dtd">
  <html><head>
  <title>400 Bad Request</title>
  </head><body>
  <h1>Bad Request</h1>
  <p>Your browser sent a request that this server could not understand.<br />
  Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />
   Instead use the HTTPS scheme to access this URL, please.<br />
  </p>
  </body></html>
  """
