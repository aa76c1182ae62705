import { driver } from "@shared/driver";
import { url } from "@shared/redis/url";
export default { realtime: { driver, url } };
