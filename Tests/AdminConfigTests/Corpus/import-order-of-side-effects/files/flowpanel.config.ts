import { registry } from "./registry";
import "./first";
import "./second";
export default { realtime: registry.realtime };
