import { settings } from "./settings";
export const name = "early";
export default { realtime: { driver: "redis", keyPrefix: settings.prefix } };
