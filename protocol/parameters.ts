/**
 * What a requester tells the module that it has loaded: a Region that begins with this, read-only. Lines `key=value`, each
 * with a line feed behind it.
 */
export interface InitialModuleParameters extends Struct<"InitialModuleParameters"> {
  /** Bytes of text. */
  length: u64;
  readonly bytes: FixedArray<u8, 4088>;
}
