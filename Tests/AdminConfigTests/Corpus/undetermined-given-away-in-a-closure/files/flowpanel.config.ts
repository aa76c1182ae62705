import { onLoad } from "@acme/lifecycle";
const realtime = { driver: "memory" };
onLoad(() => { realtime.driver = "redis"; });
export default { realtime };
