import koffi from "koffi";

const RECORD_BYTES = 16_384;

/** Little-endian fields one after the other, in memory that stays where it is. */
export class Writer {
  readonly buffer: Buffer;
  readonly address: number;
  at = 0;

  constructor() {
    const memory = koffi.alloc("uint8_t", RECORD_BYTES);
    this.buffer = Buffer.from(koffi.view(memory, RECORD_BYTES)).fill(0);
    this.address = Number(koffi.address(memory));
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.at = this.buffer.writeUInt8(value, this.at);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.at = this.buffer.writeUInt32LE(value, this.at);
    return this;
  }

  u64(...values: readonly number[]): this {
    for (const value of values) this.at = this.buffer.writeBigUInt64LE(BigInt(value), this.at);
    return this;
  }

  text(text: string): this {
    this.at += this.buffer.write(`${text}\0`, this.at);
    return this;
  }
}
