// SPDX-License-Identifier: Apache-2.0
// A nats-server, workers and a gateway of the test's own, on loopback.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bin = process.env.INPAINTD_BIN ?? "build/release/bin";
export const patience = 120_000; // only failures wait this long

export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

export async function until(what, check) {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await check();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`it did not happen within ${patience / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export class Service {
  #folder = mkdtempSync(join(tmpdir(), "inpaintd-page-"));
  #children = new Map();
  #logs = new Map();

  /** `gatewayOptions` are more arguments for inpaint-gateway. `streams`: with JetStream, and what inpaint-setup makes. */
  static async start(settings, gatewayOptions = [], streams = false) {
    const service = new Service();
    service.natsPort = await freePort();
    service.httpPort = await freePort();
    const config = join(service.#folder, "nats.conf");
    const jetstream = streams ? `jetstream { store_dir: "${service.#folder}" }\n` : "";
    writeFileSync(config, `listen: "127.0.0.1:${service.natsPort}"\nmax_payload: 8MB\n${jetstream}`);
    service.#run("nats", "nats-server", ["-c", config]);
    if (streams) await until("inpaint-setup has made the streams", () => service.#end("setup", "inpaint-setup", ["--server", service.natsUrl]));
    service.settings = settings;
    service.startWorker();
    service.gatewayOptions = gatewayOptions;
    service.startGateway();
    await service.ready();
    return service;
  }

  startGateway() {
    this.#run("gateway", join(bin, "inpaint-gateway"), ["--listen", `127.0.0.1:${this.httpPort}`, "--server", this.natsUrl, ...this.gatewayOptions]);
  }

  get url() {
    return `http://127.0.0.1:${this.httpPort}/`;
  }

  get natsUrl() {
    return `nats://127.0.0.1:${this.natsPort}`;
  }

  startWorker() {
    const settings = { "http.listen": "", ...this.settings };
    const set = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    this.#run("worker", join(bin, "inpaintd"), ["--server", this.natsUrl, ...set]);
  }

  /** Waits until the gateway says that requests can be served. */
  async ready() {
    await until("the gateway is ready", async () => (await fetch(`${this.url}readyz`).catch(() => null))?.ok);
    await until("the worker serves", () => this.#logs.get("worker").includes("serving"));
  }

  async kill(name, signal = "SIGKILL") {
    const child = this.#children.get(name);
    child.kill(signal);
    await once(child, "exit");
  }

  async stop() {
    for (const child of [...this.#children.values()].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    rmSync(this.#folder, { recursive: true });
  }

  /** Whether a program ends with exit code 0. */
  async #end(name, program, args) {
    this.#run(name, join(bin, program), args);
    const [code] = await once(this.#children.get(name), "exit");
    return code === 0;
  }

  #run(name, program, args) {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    this.#children.set(name, child);
    this.#logs.set(name, "");
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => this.#logs.set(name, this.#logs.get(name) + text));
    child.on("error", (failure) => {
      throw failure;
    });
  }
}
