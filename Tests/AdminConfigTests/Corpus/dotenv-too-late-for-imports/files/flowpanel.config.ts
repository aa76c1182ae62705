import { config } from "dotenv";
import { url } from "./redis";
config();
export default { realtime: { driver: "redis", url, keyPrefix: process.env.PREFIX } };
