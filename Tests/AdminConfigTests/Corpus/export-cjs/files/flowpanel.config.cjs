"use strict";
const { defineAdmin } = require("flowpanel");
const { url } = require("./redis");

module.exports = defineAdmin({ realtime: url ? { driver: "redis", url } : undefined });
