import { discover } from "@acme/plugins";
export const plugins = discover("./plugins");
