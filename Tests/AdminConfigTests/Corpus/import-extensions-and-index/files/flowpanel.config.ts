import { driver } from "./a";
import { url } from "./lib";
import prefix from "./prefix.js";
import { suffix } from "./suffix.mjs";
export default { realtime: { driver, url, keyPrefix: prefix + suffix } };
