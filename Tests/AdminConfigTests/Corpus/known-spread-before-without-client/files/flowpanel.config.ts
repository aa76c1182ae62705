import base from "@acme/admin-base";
export default { ...base, realtime: { ...base.realtime, driver: "redis", client: undefined, url: process.env.REDIS_URL } };
