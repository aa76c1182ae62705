export { url } from "./url";
