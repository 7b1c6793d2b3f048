import { disagreement, type Edge } from "../driver/agreement.ts";
import { ControlClient } from "../driver/control-client.ts";
import { until } from "../driver/wait.ts";
import type { Compose, Service } from "./compose.ts";

/** How long a mesh may take to agree, a restarted peer and the others' back-off included, in milliseconds. */
const agreeWithinMs = 60_000;

/**
 * Waits until the peers of these services, all there are, are connected to each other and agree (see
 * `disagreement`). @throws DeadlineError that says where they disagree.
 */
export async function agree(compose: Compose, members: readonly Service[]): Promise<void> {
  const edges = members.flatMap((a, i) => members.slice(i + 1).map((b): Edge => [a, b]));
  const controls = await Promise.all(members.map((label) => controlOf(compose, label)));
  await until("all peers agree", { withinMs: agreeWithinMs }, async () => {
    const views = members.map(async (label, index) => {
      return { label, name: compose.nameOf(label), status: await controls[index]!.status() };
    });
    return disagreement(await Promise.all(views), edges);
  });
}

/** The control interface of a Go peer; `weave-mesh join` has the part of it that is its status. */
export async function controlOf(compose: Compose, service: Service): Promise<ControlClient> {
  return new ControlClient(await compose.statusAddress(service));
}
