import realtime from "./config/realtime.json" with { type: "json" };
import { version } from "./package.json";
const limits = require("./config/limits.json");
export default { realtime: { ...realtime[process.env.NODE_ENV === "production" ? "live" : "dev"], keyPrefix: `v${version}-${limits.max[1]}` } };
