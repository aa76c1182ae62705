import { registry } from "./registry";
registry.realtime = { driver: "memory" };
