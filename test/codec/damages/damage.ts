/** What is wrong with a package or a trust set: a name, the verdict on it ("Status: Fault in Part"), and the damaged bytes. */
export type Damage = readonly [name: string, verdict: string, make: () => Uint8Array];

export function replaceAt(bytes: Uint8Array, at: number, by: readonly number[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(by, at);
  return copy;
}

/** Within the signature with which a signed part ends. */
export const damagedEnd = (bytes: Uint8Array): Uint8Array => replaceAt(bytes, bytes.length - 200, [0x5a, 0xa5]);
