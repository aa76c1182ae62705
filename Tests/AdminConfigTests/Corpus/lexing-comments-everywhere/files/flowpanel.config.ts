import /* who */ { defineAdmin /* , other */ } from /* where */ "flowpanel"; // "it's

export /* a */ default /* b */ defineAdmin /* c */ ( /* d */ {
  // realtime: { driver: "memory" },
  realtime /* e */ : /* f */ { /* driver: "memory", */ driver /**/ : "redis" /* g */ , url: process /* h */ . /* i */ env // j
    // k
    .REDIS_URL /* l */ , },
  /* realtime: { driver: "memory" } */
} ) // end