/**
 * An Express server that publishes itself: node examples/publish-express.mjs [NAME]
 *
 * Port 0 lets the system choose; what is published is what it chose. Ctrl-C says goodbye.
 */

import { Responder } from "dotlocald";
import express from "express";

const name = process.argv[2] ?? "Express on this host";
const app = express();
app.get("/", (_request, response) => {
  response.send("hello from Express\n");
});

const server = app.listen(Number(process.env.PORT ?? 0), async () => {
  const responder = new Responder();
  const { port } = server.address();
  const service = await responder.publish({ name, type: "_http._tcp", port, txt: { path: "/" } });
  console.log(`published as "${await service.established()}" on port ${port}`);

  const stop = async () => {
    await responder.close();
    server.close(() => process.exit(0));
    server.closeAllConnections();
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
});
