import { defineAdmin, type AdminConfig } from "@flowpanel/kit"

const realtime = process.env.REDIS_URL
  ? ({ driver: "redis", url: process.env.REDIS_URL } as const)
  : ({ driver: "memory" } as const)

const config = { realtime } as AdminConfig
export default defineAdmin<typeof config>(config)
