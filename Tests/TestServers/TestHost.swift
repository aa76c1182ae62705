/// The environment in which a program finds that a name of a test's own leads to the given addresses, in their order.
///
/// A function that the program takes for the system's looks the name up. That of nss_wrapper 1.1.12 does so as well, but
/// now and then ends a program in which two threads look names up.
public func environment(
  resolving host: String, to addresses: [String], in folder: TemporaryFolder
) async throws -> [String: String] {
  let source = try folder.write(lookup, to: "lookup.c")
  let library = folder.path(of: "lookup.so")
  let result = try await runBinary(findProgram("clang"), ["-shared", "-fPIC", "-o", library, source])
  guard result.status == 0 else {
    throw ServerStartFailure("clang", "status \(result.status)", log: result.standardError)
  }
  return ["LD_PRELOAD": library, "TEST_HOST": host, "TEST_HOST_ADDRESSES": addresses.joined(separator: " ")]
}

private let lookup = """
  #define _GNU_SOURCE
  #include <dlfcn.h>
  #include <netdb.h>
  #include <stdlib.h>
  #include <string.h>

  typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

  int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    lookup *system = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (name == NULL || strcmp(name, getenv("TEST_HOST")) != 0) return system(name, service, hints, found);
    char addresses[256] = "", *rest = NULL;
    strncat(addresses, getenv("TEST_HOST_ADDRESSES"), sizeof addresses - 1);
    *found = NULL;
    struct addrinfo **end = found;
    for (char *one = strtok_r(addresses, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
      if (system(one, service, hints, end) != 0) continue;
      while (*end != NULL) end = &(*end)->ai_next;
    }
    return *found == NULL ? EAI_NONAME : 0;
  }
  """
