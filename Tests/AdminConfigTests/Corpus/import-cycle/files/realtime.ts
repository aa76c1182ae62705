import { app } from "./flowpanel.config";
import { url } from "./url";
export const driver = "redis";
export function realtime() { return { driver, url: url(), keyPrefix: app.name }; }
