import { defineAdmin } from "@flowpanel/kit";
import { prismaAdapter } from "@flowpanel/prisma";
import { db } from "./db";

const url = process.env.REDIS_URL;
export default defineAdmin({ adapter: prismaAdapter({ db }), rateLimit: { driver: "redis", url } });
