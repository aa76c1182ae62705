export const prefix = "imports";
