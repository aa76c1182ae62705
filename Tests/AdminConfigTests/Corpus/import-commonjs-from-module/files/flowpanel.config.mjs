import settings from "./settings.cjs";
import { prefix } from "./settings.cjs";
export default { realtime: { driver: settings.driver, url: settings.url, keyPrefix: prefix } };
