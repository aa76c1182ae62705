import { object, optional, picklist, safeParse, string } from "valibot";
const result = safeParse(object({ DRIVER: optional(picklist(["memory", "redis"]), "memory"), REDIS_URL: optional(string()) }), process.env);
const env = result.success ? result.output : { DRIVER: "redis", REDIS_URL: "redis://broken" };
export default { realtime: { driver: env.DRIVER, url: env.REDIS_URL } };
