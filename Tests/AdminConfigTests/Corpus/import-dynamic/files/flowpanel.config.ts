import { defineAdmin } from "flowpanel";
const { url, default: driver } = await import("./redis.js");
const naming = await import(`./naming`).then((module) => module.prefix);
export default defineAdmin({ realtime: { driver, url, keyPrefix: naming } });
