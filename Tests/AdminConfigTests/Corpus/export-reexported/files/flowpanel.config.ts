export { default } from "./admin/config";
