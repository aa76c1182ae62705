import { createEnv } from "@t3-oss/env-nextjs";
import { z } from "zod";
export const env = createEnv({
  server: { REDIS_URL: z.string().url().default("redis://default:6379") },
  runtimeEnv: { REDIS_URL: process.env.REDIS_URL },
  skipValidation: !!process.env.SKIP_ENV_VALIDATION,
});
