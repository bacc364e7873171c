/**
 * What a node of a cluster knows of all nodes.
 *
 * @module
 */

import { ask } from "./redis_cli.ts";
import type { RedisServer } from "./redis_server.ts";

/** Flags of a node that is not yet, or no longer, in contact. */
const OUT_OF_CONTACT = ["handshake", "noaddr", "fail", "fail?"];

/** A node as another one sees it. */
export interface ClusterNode {
  /** The name that the cluster has for it. */
  readonly id: string;
  /** The port that it listens on for clients. */
  readonly port: number;
  /** The id of the primary that it is a replica of; undefined: it is none. */
  readonly primaryId: string | undefined;
  /** Whether the node that was asked is in contact with it. */
  readonly isInContact: boolean;
  /** The slots that it holds, as `first-last` or one number. */
  readonly slots: readonly string[];
}

/** The nodes as one of them sees them, and how that one fares. */
export interface ClusterView {
  /** All nodes, also itself and those that are gone. */
  readonly nodes: readonly ClusterNode[];
  /** Whether it takes commands: `cluster_state:ok`. */
  readonly isOk: boolean;
  /** Whether it is a primary, or a replica whose link to its primary is up. */
  readonly isLinked: boolean;
}

/** Asks a node of a cluster how it sees the others. */
export async function readClusterView(
  server: RedisServer,
): Promise<ClusterView> {
  const [nodes, info, role] = await ask(
    server,
    ["CLUSTER", "NODES"],
    ["CLUSTER", "INFO"],
    ["ROLE"],
  );
  const [roleName, , , link] = role as string[];
  return {
    nodes: String(nodes).trim().split("\n").map(parseNode),
    isOk: String(info).includes("cluster_state:ok"),
    isLinked: roleName === "master" || link === "connected",
  };
}

/** Tells whether a node holds a slot. */
export function holds(node: ClusterNode, slot: number): boolean {
  return node.slots.some((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return first! <= slot && slot <= last!;
  });
}

/** Returns who holds which slots and who copies whom, of the nodes on some ports. */
export function layoutOf(
  { nodes }: ClusterView,
  ports: readonly number[],
): string {
  return nodes.filter(({ port }) => ports.includes(port))
    .map(({ id, primaryId, slots }) => [id, primaryId, ...slots].join(" "))
    .sort().join("\n");
}

/**
 * Reads a line of {@link https://redis.io/docs/latest/commands/cluster-nodes/
 * | CLUSTER NODES}.
 */
function parseNode(line: string): ClusterNode {
  const fields = line.split(" ");
  const [id, address, flagList, primaryId, , , , link, ...slots] = fields;
  const flags = flagList!.split(",");
  return {
    id: id!,
    port: Number(/:(\d+)/.exec(address!)?.[1]),
    primaryId: primaryId === "-" ? undefined : primaryId,
    isInContact: link === "connected" &&
      !OUT_OF_CONTACT.some((flag) => flags.includes(flag)),
    // Those in brackets are on the move, and listed as held besides.
    slots: slots.filter((range) => !range.startsWith("[")),
  };
}
