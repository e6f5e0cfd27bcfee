/** Browses with npm bonjour-service and prints a line for each service: `browse-bonjour.mjs TYPE ADDRESS`. */

import { Bonjour } from "bonjour-service";

const [type, address] = process.argv.slice(2);
const bonjour = new Bonjour({ interface: address, bind: "0.0.0.0" });
const [label, protocol] = type.split(".").map((part) => part.slice(1));
bonjour.find({ type: label, protocol }, ({ name }) => console.log(`+ ${name}`));
console.log("ready");
