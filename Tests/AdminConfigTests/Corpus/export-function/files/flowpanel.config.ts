import { defineAdmin } from "@flowpanel/kit";

export default function adminConfig() {
  const url = process.env.REDIS_URL;
  if (!url) return defineAdmin({ realtime: { driver: "memory" } });
  return defineAdmin({ realtime: { driver: "redis", url } });
}
