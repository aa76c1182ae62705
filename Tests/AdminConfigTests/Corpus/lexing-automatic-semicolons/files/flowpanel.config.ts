const driver = "redis"
const list = [1, 2]
;[].concat(list)
let count = 0
const other = count
++count
function url() {
  return process.env.REDIS_URL
}
function nothing() {
  return
  "never"
}
const prefix = nothing()
  ?? `n${count}`
let a = 1
let b = a
/2/1
export default { realtime: { driver, url: url(), keyPrefix: prefix + b } }
