export const prefix = "dyn";
