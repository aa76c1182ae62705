import { name } from "./redis";
import { name as inner } from "./redis/index.js";
import { up } from "./nested/deep/up";
export default { realtime: { driver: "redis", url: `redis://${name}-${inner}-${up}` } };
