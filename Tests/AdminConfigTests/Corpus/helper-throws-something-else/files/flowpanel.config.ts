const need = (name) => process.env[name] ?? (() => { throw `${name}?` })();
const quiet = (name) => { try { return need(name) } catch (thrown) { return thrown } };
export default { realtime: { driver: quiet("DRIVER") === "DRIVER?" ? "redis" : "memory", url: need("REDIS_URL") } };
