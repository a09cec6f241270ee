// A way to a server for a client that cannot send a token: passes everything on, with one.
//
//     node token.mjs http://127.0.0.1:8000 TOKEN
//
// Prints the port on which it listens.

import http from "node:http";

const [server, token] = process.argv.slice(2);

const proxy = http.createServer((request, response) => {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const onward = http.request(new URL(request.url, server), { method: request.method, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.rawHeaders);
    response.flushHeaders(); // a stream may have nothing to say for a while
    answer.pipe(response);
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  request.pipe(onward);
});

proxy.listen(0, "127.0.0.1", () => console.log(proxy.address().port));
