import { name } from "./flowpanel.config";
export const settings = { prefix: name };
