/**
 * What the adapter calls on a node-redis client.
 *
 * @module
 */

/** Keys and arguments of a Lua script. */
export interface RedisScriptOptions {
  /** The keys that the script touches. */
  keys?: string[];
  /** The arguments, in the script's order. */
  arguments?: string[];
}

/** Options of the `SORT_RO` command. */
export interface RedisSortOptions {
  /** The pattern to sort by, or "nosort". */
  BY?: string;
  /** Which part of the sorted elements to return. */
  LIMIT?: {
    /** Elements left out at the start. */
    offset: number;
    /** Elements returned at most. */
    count: number;
  };
  /** The patterns to return for each element. */
  GET?: string[];
  /** The direction. */
  DIRECTION?: "ASC" | "DESC";
}

/**
 * A connected node-redis client, of version 4, 5 or 6: what `createClient`,
 * `createClientPool`, `createSentinel` or `createCluster` returns.
 *
 * The type names only what is called with the same signature on all of them,
 * so a client with any modules, scripts or type mapping fits.
 */
export interface RedisClient {
  /** Runs a script that the server knows by its digest. */
  evalSha(sha1: string, options?: RedisScriptOptions): Promise<unknown>;
  /** Runs a script by its text. */
  eval(script: string, options?: RedisScriptOptions): Promise<unknown>;
  /** Reads sorted elements and what belongs to them. */
  sortRo(key: string, options?: RedisSortOptions): Promise<unknown>;
  /** Reads a hash. */
  hGetAll(key: string): Promise<unknown>;
}

/** A node of a cluster, as a cluster client lists it. */
export interface RedisClusterNode {
  readonly address: string;
}

/**
 * What only some of the clients have. Each is looked for before it is called.
 */
export interface RedisClientExtras {
  readonly options?: { readonly keyPrefix?: unknown };
  readonly _keyPrefix?: unknown;
  readonly masters?: readonly RedisClusterNode[];
  readonly replicas?: readonly RedisClusterNode[];
  nodeClient?(node: RedisClusterNode): RedisClient | Promise<RedisClient>;
  /** Of a cluster: the key that says which node. */
  sendCommand?(
    firstKey: string | undefined,
    isReadonly: boolean,
    args: string[],
  ): Promise<unknown>;
  withTypeMapping?(mapping: Record<never, never>): RedisClient;
  ping?(): Promise<unknown>;
  close?(): Promise<unknown>;
  destroy?(): unknown;
  quit?(): Promise<unknown>;
  disconnect?(): Promise<unknown>;
}

/** What a sentinel client has of its own. */
export interface RedisSentinelExtras {
  getMasterNode?(): unknown;
  /** What is not said to be a read goes to the primary. */
  sendCommand?(
    isReadonly: boolean,
    args: string[],
    options: { typeMapping: Record<never, never> },
  ): Promise<unknown>;
  /** Does something with the connection to the primary, and again when that is lost. */
  _execute?(
    isReadonly: boolean,
    run: (node: unknown) => Promise<unknown>,
  ): Promise<unknown>;
}
