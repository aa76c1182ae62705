import { defineAdmin } from "@flowpanel/kit";

enum Driver { Memory = "memory", Redis = "redis" }
const enum Prefix { Live = "live", Test = `test` }
export enum Database { Sessions, Jobs = 4, Realtime }
enum Flags { None = 0, Tls = 1 << 0, Auth = 1 << 1, Both = Tls | Auth }

const production = process.env.NODE_ENV === "production";
const driver: Driver = production ? Driver.Redis : Driver.Memory;

export default defineAdmin({
  realtime: {
    driver,
    url: `redis://cache:6379/${Database.Realtime}?${Database[4]}=${Flags.Both}`,
    keyPrefix: production ? Prefix.Live : Prefix["Test"],
  },
});
