import { z } from "zod";

const schema = z.object({
  REDIS_URL: z.string().url("must be a URL"),
  PREFIX: z.string().min(1).default("fp"),
});
export type Env = z.infer<typeof schema>;

export const env: Env = schema.parse(process.env);
