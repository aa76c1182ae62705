import { defineAdmin } from "flowpanel";
const url: string = process.env.REDIS_URL!;
export default defineAdmin({ realtime: { driver: "redis", url } });
