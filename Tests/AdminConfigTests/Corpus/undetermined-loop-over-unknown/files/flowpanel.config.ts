import { plugins } from "./plugins";
const realtime: Record<string, unknown> = { driver: "memory" };
for (const plugin of plugins) Object.assign(realtime, plugin.realtime);
export default { realtime, plugins };
