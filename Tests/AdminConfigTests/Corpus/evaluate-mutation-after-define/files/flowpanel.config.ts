import { defineAdmin } from "flowpanel";
const realtime: any = { driver: "memory" };
const config = defineAdmin({ realtime });
[["driver", "redis"], ["url", process.env.REDIS_URL]].forEach(([key, value]) => { realtime[key!] = value; });
export default config;
