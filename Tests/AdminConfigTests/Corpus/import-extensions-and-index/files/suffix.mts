export const suffix = "mts";
