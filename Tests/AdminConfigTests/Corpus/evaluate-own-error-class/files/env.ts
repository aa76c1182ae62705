class MissingVariable extends Error {
  override name = "MissingVariable";
  constructor(public readonly variable: string) {
    super(`Environment variable ${variable} is not set`);
  }
}
const need = (name: string) => {
  const value = process.env[name]?.trim();
  if (value === undefined || value === "") throw new MissingVariable(name);
  return value;
};
export const env = { redisUrl: need("REDIS_URL") };
