export * from "./redis";
export * from "./common.js";
export * as naming from "./naming";
export { default } from "./naming";
export const prefix = "own";
