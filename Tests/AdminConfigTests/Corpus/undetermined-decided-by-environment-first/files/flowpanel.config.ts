import { flag } from "@acme/flags";
const forced = process.env.REALTIME_DRIVER;
const driver = forced || (await flag("realtime-driver"));
export default { realtime: { driver, url: process.env.REDIS_URL } };
