/** Seeded random bytes for tests: xorshift128+, so that a failure can be repeated from its seed. */
export class Random {
  #a: bigint;
  #b: bigint;

  constructor(seed: number) {
    this.#a = (BigInt(seed) << 1n) | 1n;
    this.#b = 0x9e37_79b9_7f4a_7c15n;
    for (let i = 0; i < 8; i++) this.next();
  }

  /** 64 random bits. */
  next(): bigint {
    let x = this.#a;
    const y = this.#b;
    this.#a = y;
    x ^= BigInt.asUintN(64, x << 23n);
    this.#b = x ^ y ^ (x >> 17n) ^ (y >> 26n);
    return BigInt.asUintN(64, this.#b + y);
  }

  below(limit: number): number {
    return Number(this.next() % BigInt(limit));
  }

  bytes(length: number): Uint8Array {
    const result = new Uint8Array(length);
    for (let i = 0; i < length; i++) result[i] = Number(this.next() & 255n);
    return result;
  }
}

/** The seed that a run was asked for by SEED=, so that it can be repeated; otherwise one of its own. */
export function seedOf(): number {
  return Number(process.env.SEED ?? Date.now() % 2 ** 31);
}
