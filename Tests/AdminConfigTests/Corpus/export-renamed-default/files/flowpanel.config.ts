import { defineAdmin as admin } from "flowpanel";

const panel = admin({ realtime: { driver: "redis", url: process.env.REDIS_URL } });
const unrelated = { realtime: { driver: "memory" } };

export { unrelated as other, panel as default };
export type Panel = typeof panel;
