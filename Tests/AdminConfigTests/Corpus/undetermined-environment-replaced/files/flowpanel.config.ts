import { loadSecrets } from "@acme/vault";
await loadSecrets(process.env);
export default { realtime: { driver: "redis", url: process.env.REDIS_URL } };
