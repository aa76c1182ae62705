type Section = { url?: string; options?: { prefix?: () => string } };
const sections: { [name: string]: Section | undefined } = { main: { url: process.env.REDIS_URL, options: { prefix: () => "opt" } }, spare: undefined };
const url = sections.main?.url?.trim();
const prefix = sections["spare"]?.options!.prefix!().toUpperCase().length ?? sections.main?.options?.prefix?.();
export default { realtime: { driver: url?.startsWith("redis") ? "redis" : "memory", url, keyPrefix: `${prefix}` } };
