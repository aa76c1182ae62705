import { prefix } from "@acme/names";
const key = `${prefix}_REDIS_URL`;
export default { realtime: { driver: "redis", url: process.env[key] ?? "redis://localhost", keyPrefix: "named" } };
