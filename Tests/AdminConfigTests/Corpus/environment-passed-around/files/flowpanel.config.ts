import { createConfig } from "./create-config";
export default createConfig(process.env);
