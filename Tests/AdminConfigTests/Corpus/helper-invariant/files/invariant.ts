export default function invariant(condition: unknown, message?: string | (() => string)): asserts condition {
  if (condition) return;
  const text = typeof message === "function" ? message() : message;
  throw new Error(text ? `Invariant failed: ${text}` : "Invariant failed");
}
