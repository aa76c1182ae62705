import * as dotenv from "dotenv";
dotenv.config({ path: "./config/.env.redis", override: true });
dotenv.config({ path: [".env.missing", ".env"] });
export default { realtime: { driver: "redis", url: process.env.REDIS_URL, keyPrefix: process.env.PREFIX } };
