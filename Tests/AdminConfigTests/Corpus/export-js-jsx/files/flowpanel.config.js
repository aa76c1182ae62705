import { defineAdmin } from "flowpanel";
const a = 1, b = 2;
const compared = a < b && b > a;
const View = () => compared ? <p>{a}</p> : <p>no</p>
export default defineAdmin({ logo: <View />, realtime: { driver: compared ? "redis" : "memory", url: "redis://jsx" } });
