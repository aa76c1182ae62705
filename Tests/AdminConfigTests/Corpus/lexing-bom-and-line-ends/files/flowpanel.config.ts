// @ts-check
/* `${ */ /** "</script>" */const url = process.env.REDIS_URL

export default {
  realtime: { driver: "redis", url },
}
