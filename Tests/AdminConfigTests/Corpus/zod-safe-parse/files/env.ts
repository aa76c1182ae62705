import { z } from "zod";
const parsed = z.object({ REDIS_URL: z.string().url() }).safeParse(process.env);
if (!parsed.success && process.env.NODE_ENV === "production") {
  console.error("Invalid environment variables:", parsed.error.flatten().fieldErrors);
  throw new Error("Invalid environment variables");
}
export const env = parsed.success ? parsed.data : undefined;
