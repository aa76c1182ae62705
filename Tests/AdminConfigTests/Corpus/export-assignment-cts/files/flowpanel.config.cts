import kit = require("@flowpanel/kit");
import settings = require("./settings.cjs");

const config = kit.defineAdmin({ realtime: { driver: "redis", url: settings.url, keyPrefix: settings.prefix } });
export = config;
