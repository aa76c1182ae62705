export const driver = "redis" as const;
