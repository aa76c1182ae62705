import { url, driver, prefix, naming } from "./settings";
import settings, * as all from "./settings";
export default { realtime: { driver, url, keyPrefix: `${prefix}${naming.suffix}${settings}${all.default}${"fallback" in all}` } };
