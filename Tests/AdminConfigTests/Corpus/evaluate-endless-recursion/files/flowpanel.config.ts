const depth = (n: number): number => depth(n + 1) + 1;
export default { realtime: { driver: "redis", url: `redis://cache/${depth(0)}` } };
