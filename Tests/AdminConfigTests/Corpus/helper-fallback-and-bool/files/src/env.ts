/** Reads a variable or stops the start. */
export function required(name: string): string {
  const value = process.env[name];
  if (value == null || value.length === 0) {
    throw new Error(
      `Missing environment variable: ${name}`,
    );
  }
  return value;
}

export function env(name: string, fallback: string): string;
export function env(name: string): string | undefined;
export function env(name: string, fallback?: string) {
  return process.env[name] || fallback;
}

export const bool = (name: string, fallback = false) => {
  switch (process.env[name]?.toLowerCase()) {
    case "1": case "true": case "on": return true;
    case "0": case "false": case "off": return false;
    case undefined: case "": return fallback;
    default: throw new TypeError(name + " must be a boolean");
  }
};
