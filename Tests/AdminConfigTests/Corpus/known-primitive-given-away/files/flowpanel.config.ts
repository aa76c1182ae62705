import { track, log } from "@acme/telemetry";
const driver = "redis" as const;
const url = process.env.REDIS_URL;
track(driver, url, { driver, url }, [url]);
const realtime = Object.freeze({ driver, url });
log(realtime);
export default { realtime };
