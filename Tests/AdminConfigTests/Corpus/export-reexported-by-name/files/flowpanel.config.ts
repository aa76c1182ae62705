export { adminConfig as default } from "./src/index.js";
