import { env } from "@/lib/env";
import { prefix } from "~constants";
import { exact } from "exact";
export default { realtime: { driver: "redis", url: env.REDIS_URL, keyPrefix: prefix + exact } };
