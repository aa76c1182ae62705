import { register } from "@acme/registry";
const realtime = { driver: "memory", keyPrefix: "fp" };
register({ name: "admin", parts: [{ realtime }] });
export default { realtime };
