import Redis from "ioredis";
import { defineAdmin } from "@flowpanel/kit";
const client = new Redis(process.env.REDIS_URL!, { maxRetriesPerRequest: null });
export default defineAdmin({ realtime: { driver: "redis", client, keyPrefix: "own" } });
