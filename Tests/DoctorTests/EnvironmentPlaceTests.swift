import Doctor
import InstanceEnvironment
import Testing

@Suite struct EnvironmentPlaceTests {
  @Test(arguments: [
    ("web-1.env", EnvironmentPlace.files(["web-1.env"], nil)),
    (".env,.env.local", .files([".env", ".env.local"], nil)),
    ("dotenv:a.env", .files(["a.env"], .nodeDotenv)), ("next:a.env", .files(["a.env"], .next)),
    ("node:a.env", .files(["a.env"], .nodeEnvFile)), ("compose-env:a.env", .files(["a.env"], .compose)),
    ("docker-env:a.env,b.env", .files(["a.env", "b.env"], .dockerEnvFile)),
    ("python:a.env", .files(["a.env"], .pythonDotenv)),
    ("shell:/etc/default/web", .files(["/etc/default/web"], .shell)), ("C:web.env", .files(["C:web.env"], nil)),
    ("kubernetes:deploy.yaml", .kubernetes(["deploy.yaml"], workload: nil, container: nil)),
    (
      "k8s:deploy/,secrets.yaml#prod/deployment/web:app",
      .kubernetes(["deploy/", "secrets.yaml"], workload: "prod/deployment/web", container: "app")
    ),
    ("compose:compose.yaml,prod.yaml#web", .compose(["compose.yaml", "prod.yaml"], service: "web")),
    ("compose:compose.yaml", .compose(["compose.yaml"], service: nil)),
    ("inspect:web.json#web-1", .inspect("web.json", container: "web-1")),
    ("process:4711", .process(4711)), ("-", .standardInput),
  ])
  func isReadAsItIsWritten(_ text: String, _ expected: EnvironmentPlace) throws {
    #expect(try EnvironmentPlace(text) == expected)
  }

  @Test(arguments: [
    ("process:", "process:4711"), ("process:web", "process:4711"), ("process:-1", "process:4711"),
    ("inspect:a.json,b.json", "one file"), ("compose:", "a file is missing"), ("dotenv:", "a file is missing"),
    ("kubernetes:#deployment/web", "a file is missing"), (",", "a file is missing"),
  ])
  func saysWhatIsMissing(_ text: String, _ fragment: String) {
    #expect { try EnvironmentPlace(text) } throws: { ($0 as? PlaceProblem)?.sentence.contains(fragment) == true }
  }
}
