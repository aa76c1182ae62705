export const prefix = "paths";
