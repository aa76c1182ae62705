import { createEnv } from "@t3-oss/env-core";
import * as z from "zod";
export const env = createEnv({
  shared: { NODE_ENV: z.enum(["development", "test", "production"]).default("development") },
  server: { REDIS_HOST: z.string().min(1), REDIS_PORT: z.coerce.number().default(6379) },
  clientPrefix: "PUBLIC_",
  client: {},
  runtimeEnvStrict: { NODE_ENV: process.env.NODE_ENV, REDIS_HOST: process.env.REDIS_HOST, REDIS_PORT: process.env.REDIS_PORT },
});
