import { patch } from "@acme/patch";
const config = { realtime: { driver: "memory" } };
patch(config);
export default config;
