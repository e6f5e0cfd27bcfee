/** npm bonjour-service with one service: `node bonjour-service.mjs NAME ADDRESS`. */

import { Bonjour } from "bonjour-service";

const [host, address] = process.argv.slice(2);
const bonjour = new Bonjour({ interface: address, bind: "0.0.0.0" });
const service = bonjour.publish({ name: "Web", type: "http", port: 80, host });
service.on("up", () => console.log("ready"));
