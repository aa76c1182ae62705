import { withSentry } from "@sentry/flowpanel";
import { defineAdmin } from "@flowpanel/kit";
export default withSentry(defineAdmin({ realtime: { driver: "redis", url: "redis://h" } }));
