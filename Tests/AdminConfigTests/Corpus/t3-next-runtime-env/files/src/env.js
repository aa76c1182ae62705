import { createEnv } from "@t3-oss/env-nextjs";
import { z } from "zod";

export const env = createEnv({
  /** Server-side variables. */
  server: {
    REALTIME_DRIVER: z.enum(["redis", "memory"]).default("memory"),
    REDIS_URL: z.string().url().optional(),
  },
  client: {
    NEXT_PUBLIC_APP: z.string().min(1).default("app"),
  },
  runtimeEnv: {
    REALTIME_DRIVER: process.env.REALTIME_DRIVER,
    REDIS_URL: process.env.REDIS_URL,
    NEXT_PUBLIC_APP: process.env.NEXT_PUBLIC_APP,
  },
  emptyStringAsUndefined: true,
});
