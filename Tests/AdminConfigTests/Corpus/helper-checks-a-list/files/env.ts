const names = ["REDIS_URL", "DATABASE_URL"] as const;
const missing = names.filter((name) => !process.env[name]);
if (missing.length > 0) {
  throw new Error(`Missing environment variables: ${missing.join(", ")}`);
}
export const env = Object.fromEntries(names.map((name) => [name, process.env[name]!])) as Record<(typeof names)[number], string>;
