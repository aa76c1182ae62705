import { z } from "zod";
const env = z.object({
  REDIS_HOST: z.string().trim().toLowerCase().default("localhost"),
  REDIS_PORT: z.coerce.number().int().min(1).max(65535).default(6379),
  REDIS_TLS: z.string().optional().transform((value) => value === "true"),
  LIST: z.string().default("a,b").transform((list) => list.split(",")),
}).parse(process.env);
export default { realtime: { driver: "redis", url: `redis${env.REDIS_TLS ? "s" : ""}://${env.REDIS_HOST}:${env.REDIS_PORT}`, keyPrefix: env.LIST.at(-1) } };
