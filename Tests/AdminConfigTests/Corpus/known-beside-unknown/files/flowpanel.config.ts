import { defineAdmin } from "@flowpanel/kit";
import { createAdapter } from "@acme/adapter";
import { hostname } from "node:os";
const adapter = createAdapter({ url: process.env.DATABASE_URL, host: hostname(), seed: Math.random() });
const resources = adapter.tables.map((table: { name: string }) => ({ [table.name]: { label: table.name } }));
if (adapter.needsMigration) console.warn("migrate");
export default defineAdmin({ adapter, resources: Object.assign({}, ...resources), realtime: { driver: "redis", url: process.env.REDIS_URL } });
