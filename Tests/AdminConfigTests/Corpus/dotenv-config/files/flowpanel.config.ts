import dotenv from "dotenv";
import { defineAdmin } from "@flowpanel/kit";
dotenv.config();
export default defineAdmin({ realtime: { driver: "redis", url: process.env.REDIS_URL, keyPrefix: process.env.KEY_PREFIX } });
