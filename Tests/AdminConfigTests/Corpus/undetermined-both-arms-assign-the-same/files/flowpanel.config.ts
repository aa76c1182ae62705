import { rollout } from "@acme/flags";
let driver = "memory", url;
if (rollout("new")) { driver = "redis"; url = "redis://new"; } else { driver = "redis"; url = "redis://old"; }
export default { realtime: { driver, url } };
