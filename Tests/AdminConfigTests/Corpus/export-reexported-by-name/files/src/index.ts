export * from "./admin";
export * from "./other";
