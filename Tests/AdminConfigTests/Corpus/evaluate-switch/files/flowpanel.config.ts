function settings(stage: string | undefined) {
  switch (stage) {
    case "production":
    case "staging": {
      const url = process.env.REDIS_URL;
      if (!url) break;
      return { driver: "redis", url, keyPrefix: stage };
    }
    case "test":
      return undefined;
    default:
      return { driver: "redis", url: "redis://localhost:6379", keyPrefix: "dev" };
  }
  return { driver: "memory" };
}
export default { realtime: settings(process.env.NODE_ENV) };
