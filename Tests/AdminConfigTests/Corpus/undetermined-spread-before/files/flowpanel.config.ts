import base from "@acme/admin-base";
export default { ...base, realtime: { ...base.realtime, driver: "redis", url: process.env.REDIS_URL } };
