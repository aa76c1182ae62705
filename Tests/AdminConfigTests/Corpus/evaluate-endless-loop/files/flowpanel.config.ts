let n = 0;
while (true) n++;
export default { realtime: { driver: n ? "redis" : "memory" } };
