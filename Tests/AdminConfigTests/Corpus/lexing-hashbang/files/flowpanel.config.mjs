#!/usr/bin/env -S node --import 'tsx' `${
export default { realtime: { driver: "redis", url: process.env.REDIS_URL } }
