export const url = process.env.REDIS_URL;
export const prefix = "shadowed";
export default "not passed on";
