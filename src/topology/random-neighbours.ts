import type { PeerName } from "../peer-name.ts";
import type { Random } from "../transport/index.ts";
import type { NextHops } from "./next-hops.ts";

/**
 * Draws the neighbours to gossip with, weighted by how many destinations lie behind each: so the one at the end of a bottleneck
 * is drawn more often than one of many in a clique.
 *
 * Source: routes.go, `randomNeighbours`.
 */
export function drawNeighbours(nextHops: NextHops, except: PeerName, random: Random): PeerName[] {
  const candidates: { name: PeerName; weight: number }[] = [];
  let total = 0;
  for (const [name, weight] of nextHops.weights) {
    if (name === except) continue;
    candidates.push({ name, weight });
    total += weight;
  }
  const needed = Math.floor(Math.min(2 * Math.log2(nextHops.size), candidates.length));
  const drawn: PeerName[] = [];
  while (drawn.length < needed) {
    let point = random.int(total);
    const at = candidates.findIndex(({ weight }) => {
      point -= weight;
      return point < 0;
    });
    const { name, weight } = candidates[at]!;
    drawn.push(name);
    total -= weight;
    // The order of the candidates does not matter: the last one takes the place of the one drawn.
    candidates[at] = candidates[candidates.length - 1]!;
    candidates.pop();
  }
  return drawn;
}
