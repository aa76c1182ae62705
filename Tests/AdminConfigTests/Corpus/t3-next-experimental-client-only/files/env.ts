import { createEnv } from "@t3-oss/env-nextjs";
import { z } from "zod";
export const env = createEnv({
  server: { REDIS_URL: z.string().min(1) },
  client: { NEXT_PUBLIC_STAGE: z.string().default("local") },
  experimental__runtimeEnv: { NEXT_PUBLIC_STAGE: process.env.NEXT_PUBLIC_STAGE },
});
