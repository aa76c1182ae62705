import { loadSettings } from "./settings";
const [settings, prefix] = await Promise.all([loadSettings(), Promise.resolve("await")]);
export default { realtime: { ...(await settings.realtime), keyPrefix: prefix } };
