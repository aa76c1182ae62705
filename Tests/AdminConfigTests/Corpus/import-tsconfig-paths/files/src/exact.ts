export const exact = "!";
