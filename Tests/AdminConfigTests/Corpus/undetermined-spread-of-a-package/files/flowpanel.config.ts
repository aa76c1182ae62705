import base from "@acme/admin-base";
export default { realtime: { driver: "redis", ...base.realtime, keyPrefix: "mine" }, };
