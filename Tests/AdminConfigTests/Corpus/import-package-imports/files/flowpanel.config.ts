import { url } from "#redis";
import { prefix } from "#lib/prefix";
import driver from "#driver";
export default { realtime: { driver, url, keyPrefix: prefix } };
