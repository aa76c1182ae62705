import { defineAdmin } from "@flowpanel/kit";
import { env } from "@/env";

export default defineAdmin({
  realtime: env.REALTIME_DRIVER === "redis"
    ? { driver: "redis", url: env.REDIS_URL, keyPrefix: env.NEXT_PUBLIC_APP }
    : { driver: "memory" },
});
