import * as v from "valibot";

const EnvSchema = v.object({
  REDIS_URL: v.pipe(v.string(), v.url()),
  PREFIX: v.optional(v.string(), "vali"),
});
type Env = v.InferOutput<typeof EnvSchema>;
export const env: Env = v.parse(EnvSchema, process.env);
