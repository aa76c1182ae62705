import z from "zod";
const Env = z.object({
  REDIS_URL: z.string().optional(),
  REALTIME_DRIVER: z.enum(["memory", "redis"]).default("memory"),
});
const { REDIS_URL: url, REALTIME_DRIVER: driver } = Env.parse({ ...process.env });
export default { realtime: { driver, url } };
