import { realtime } from "./realtime";
export const app = { name: "cycle" };
export default { realtime: realtime() };
