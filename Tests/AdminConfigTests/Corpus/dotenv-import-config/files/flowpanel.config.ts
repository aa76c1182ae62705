import "dotenv/config";
import { url } from "./redis";
export default { realtime: { driver: "redis", url } };
