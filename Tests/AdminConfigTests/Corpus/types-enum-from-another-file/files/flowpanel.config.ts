import { RealtimeDriver } from "./types";
import * as types from "./types";
export default { realtime: { driver: RealtimeDriver.Redis, url: types.defaults[types.RealtimeDriver.Redis] } };
