import { defineAdmin, field } from "@flowpanel/kit";
import * as schema from "./schema";
import { drizzleAdapter } from "@flowpanel/drizzle";
import { auth } from "./auth";

setInterval(() => {}, 1000).unref();
process.on("SIGTERM", () => process.exit(0));
console.info(`starting ${process.env.HOSTNAME ?? "?"}`);

export default defineAdmin({
  adapter: drizzleAdapter({ schema }),
  auth: { session: async (req: Request) => (await auth(req)) ?? null, requireRole: (role) => role === "admin" },
  resources: { users: { fields: [field.text("name"), field.date("created", { format: (d: Date) => d.toISOString() })] } },
  realtime: { driver: "redis", url: process.env.REDIS_URL! },
});
