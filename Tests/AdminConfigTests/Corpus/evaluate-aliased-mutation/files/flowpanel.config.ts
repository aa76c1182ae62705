const shared = { options: [{ driver: "memory", url: undefined as string | undefined }] };
const [alias] = shared.options;
function upgrade(target: typeof alias) { target!.driver = "redis"; target!.url = process.env.REDIS_URL; }
upgrade(alias);
export default { realtime: shared.options.at(-1) };
