interface Service { credentials: { uri: string } }
const services = JSON.parse(process.env.VCAP_SERVICES || "{}") as Record<string, Service[]>;
const url = services["redis"]?.[0]?.credentials.uri;
export default { realtime: url ? { driver: "redis", url } : { driver: "memory" } };
