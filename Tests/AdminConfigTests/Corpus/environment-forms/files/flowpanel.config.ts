import process, { env } from "node:process";
import proc from "process";
const p = globalThis.process, e = p.env, { env: renamed } = proc;
const name = "REDIS" as const;
const parts = [process.env.A, env["B"], e[`C`], renamed.D, p["env"]["E"], env[`${name}_F`]];
const { G, ["H"]: h, I: i = "i-default" } = env;
export default { realtime: { driver: "redis", url: "redis://" + [...parts, G, h, i].join("-") } };
