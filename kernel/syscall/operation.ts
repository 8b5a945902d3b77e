/** What the table of system calls (table.ts) says of each. Not part of the kernel itself. */

/** What a word of a message is: its unit, or what it names. */
export type Kind =
  | "address"
  | "badge"
  | "bytes"
  | "capType"
  | "count"
  | "events"
  | "flags"
  | "index"
  | "line"
  | "ns"
  | "pages"
  | "port"
  | "position"
  | "priority"
  | "register"
  | "rights"
  | "size"
  | "slot"
  | "status"
  | "value";

export type Words = Readonly<Record<string, Kind>>;

export interface Operation {
  readonly name: string;
  /** The function that serves it, in the object's file. */
  readonly handler: string;
  readonly does: string;
  /** In their order. A message may have more; they are ignored. */
  readonly words?: Words;
  /** Capabilities in their order: each one's type, or Any. They have to have the right to write, unless Any. */
  readonly caps?: Readonly<Record<string, string>>;
  readonly answers?: Words;
  /** And those of COMMON_ERRORS. */
  readonly errors?: Readonly<Record<string, string>>;
}

export interface ObjectCalls {
  /** The name of its CapType. */
  readonly type: string;
  /** In kernel/object. */
  readonly file: string;
  readonly means: string;
  readonly operations: readonly Operation[];
}

export interface SystemCall {
  readonly name: string;
  readonly does: string;
  readonly isDebug?: boolean;
}
