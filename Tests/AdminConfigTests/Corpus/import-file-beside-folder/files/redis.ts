export const name = "file";
