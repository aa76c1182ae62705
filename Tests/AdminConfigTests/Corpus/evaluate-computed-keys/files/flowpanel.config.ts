const stage = process.env.STAGE ?? "dev";
const key = ["real", "time"].join("");
const urls: Record<string, string> = { dev: "redis://dev:6379", ["prod" as const]: "redis://prod:6379", [`${"stag"}ing`]: "redis://staging:6379" };
export default { [key]: { ["driver"]: "redis", ['url']: urls[stage], [`key${"Prefix"}`]: stage in urls ? "known" : "other" } };
