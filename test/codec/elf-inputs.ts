import type { Random } from "../random.ts";

/** ELF files by their fields, and the rules of codec/elf written a second time. */

interface ProgramHeader {
  type: number;
  flags: number;
  offset: bigint;
  address: bigint;
  fileBytes: bigint;
  bytes: bigint;
  alignment: bigint;
}

export interface ElfFile {
  ident: bigint;
  padding: bigint;
  type: number;
  machine: number;
  version: number;
  entry: bigint;
  table: bigint;
  flags: number;
  headerBytes: number;
  entryBytes: number;
  headers: ProgramHeader[];
  /** Of the whole file. */
  length: number;
}

const R = 4;
const W = 2;
const X = 1;

/** Text, constants and data, as the linker makes them. */
export function soundFile(machine: number): ElfFile {
  const header = (flags: number, offset: bigint, address: bigint, fileBytes: bigint, bytes: bigint): ProgramHeader => ({
    type: 1,
    flags,
    offset,
    address,
    fileBytes,
    bytes,
    alignment: 0x1000n,
  });
  return {
    ident: 0x0001_0102_464c_457fn,
    padding: 0n,
    type: 2,
    machine,
    version: 1,
    entry: 0x40_0010n,
    table: 64n,
    flags: 0,
    headerBytes: 64,
    entryBytes: 56,
    headers: [
      header(R | X, 0x1000n, 0x40_0000n, 0x1200n, 0x1200n),
      header(R, 0x3000n, 0x40_2000n, 0x300n, 0x300n),
      header(R | W, 0x4000n, 0x40_3000n, 0x80n, 0x4000n),
    ],
    length: 0x4080,
  };
}

export function bytesOf(file: ElfFile): Uint8Array {
  const bytes = new Uint8Array(file.length);
  const view = new DataView(bytes.buffer);
  const set = (at: number, size: 2 | 4 | 8, value: bigint): void => {
    if (at + size > bytes.length) return;
    if (size === 8) view.setBigUint64(at, BigInt.asUintN(64, value), true);
    else if (size === 4) view.setUint32(at, Number(BigInt.asUintN(32, value)), true);
    else view.setUint16(at, Number(BigInt.asUintN(16, value)), true);
  };
  set(0, 8, file.ident);
  set(8, 8, file.padding);
  set(16, 2, BigInt(file.type));
  set(18, 2, BigInt(file.machine));
  set(20, 4, BigInt(file.version));
  set(24, 8, file.entry);
  set(32, 8, file.table);
  set(48, 4, BigInt(file.flags));
  set(52, 2, BigInt(file.headerBytes));
  set(54, 2, BigInt(file.entryBytes));
  set(56, 2, BigInt(file.headers.length));
  for (const [index, header] of file.headers.entries()) {
    const at = Number(file.table) + index * 56;
    set(at, 4, BigInt(header.type));
    set(at + 4, 4, BigInt(header.flags));
    set(at + 8, 8, header.offset);
    set(at + 16, 8, header.address);
    set(at + 24, 8, header.address);
    set(at + 32, 8, header.fileBytes);
    set(at + 40, 8, header.bytes);
    set(at + 48, 8, header.alignment);
  }
  return bytes;
}

const END = 0x7fff_ffff_0000n;
const IGNORED = new Set([0, 4, 6, 0x6474e550, 0x6474e553]);

/** Whether the file is a program; every rule by itself, in no order. */
export function isProgram(file: ElfFile, machine: number): boolean {
  const loads = file.headers.filter(({ type, fileBytes, bytes }) => type === 1 && (fileBytes > 0n || bytes > 0n));
  const length = BigInt(file.length);
  const isHeaderRight =
    file.length >= 64 &&
    file.ident === 0x0001_0102_464c_457fn &&
    file.padding === 0n &&
    file.type === 2 &&
    file.machine === machine &&
    file.version === 1 &&
    file.flags === 0 &&
    file.headerBytes === 64 &&
    file.entryBytes === 56;
  const isTableRight =
    file.headers.length > 0 &&
    file.headers.length <= 16 &&
    file.table % 8n === 0n &&
    file.table + BigInt(file.headers.length * 56) <= length;
  const areTypesRight = file.headers.every(
    ({ type, flags }) => type === 1 || IGNORED.has(type) || (type === 0x6474e551 && (flags & X) === 0),
  );
  const areLoadsRight =
    loads.length <= 4 &&
    loads.every(
      (load) =>
        [R, R | W, R | X].includes(load.flags) &&
        load.offset + load.fileBytes <= length &&
        load.fileBytes <= load.bytes &&
        load.bytes <= 0x800_0000n &&
        load.address >= 0x1000n &&
        load.address + load.bytes <= END &&
        (load.alignment === 0n || load.alignment.toString(2).lastIndexOf("1") === 0) &&
        (load.alignment < 2n || BigInt.asUintN(64, load.address - load.offset) % load.alignment === 0n),
    );
  const pages = loads.map(({ address, bytes }) => [address >> 12n, (address + bytes + 4095n) >> 12n] as const);
  const isOrdered = loads.every(
    (_, i) =>
      i === 0 || ((pages[i]?.[0] ?? 0n) << 12n >= (pages[i - 1]?.[1] ?? 0n) << 12n && loads[i - 1]?.flags !== (R | W)),
  );
  const isOneExecutable = loads.filter(({ flags }) => flags === (R | X)).length === 1;
  const [first, last] = [loads[0], loads.at(-1)];
  const isNarrow =
    first === undefined || last === undefined || last.address + last.bytes - first.address <= 0x1000_0000n;
  const isEntryRight =
    (machine !== 183 || file.entry % 4n === 0n) &&
    loads.some(
      ({ flags, address, fileBytes }) => flags === (R | X) && file.entry >= address && file.entry < address + fileBytes,
    );
  return (
    isHeaderRight &&
    isTableRight &&
    areTypesRight &&
    areLoadsRight &&
    isOrdered &&
    isOneExecutable &&
    isNarrow &&
    isEntryRight
  );
}

const TYPES = [1, 1, 1, 1, 0, 2, 3, 4, 6, 7, 0x6474e550, 0x6474e551, 0x6474e552, 0x6474e553];
const NUMBERS = [
  0n,
  1n,
  0x10n,
  0x1000n,
  0x1001n,
  0x4000n,
  0x40_0000n,
  0x40_1000n,
  0x800_0000n,
  0x800_0001n,
  0x1040_0000n,
  END,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** Changes up to three fields. */
export function damage(file: ElfFile, random: Random): void {
  const number = (): bigint =>
    (NUMBERS[random.below(NUMBERS.length)] ?? 0n) + BigInt(random.below(2) * random.below(0x1000));
  const wide = (): bigint => BigInt.asUintN(64, number());
  const count = random.below(4);
  for (let i = 0; i < count; i++) {
    const header = file.headers[random.below(file.headers.length)];
    if (header === undefined) return;
    const changes: (() => void)[] = [
      () => (header.type = TYPES[random.below(TYPES.length)] ?? 0),
      () => (header.flags = random.below(8)),
      () => (header.offset = wide()),
      () => (header.address = wide()),
      () => (header.address += BigInt(random.below(3)) * 0x1000n),
      () => (header.fileBytes = wide()),
      () => (header.bytes = wide()),
      () => (header.bytes = header.fileBytes + BigInt(random.below(0x3000))),
      () => (header.alignment = [0n, 1n, 2n, 3n, 16n, 4096n, 65536n, 2n ** 63n][random.below(8)] ?? 0n),
      () => (file.entry = 0x40_0000n + BigInt(random.below(0x3000))),
      () => (file.length = random.below(0x5000)),
      () => (file.table = 64n + BigInt(random.below(40))),
      () => (file.machine = [62, 183, 243][random.below(3)] ?? 0),
      () => file.headers.push({ ...header }),
      () => file.headers.pop(),
      () => {
        const [last] = file.headers.splice(file.headers.length - 1, 1);
        if (last !== undefined) file.headers.unshift(last);
      },
    ];
    changes[random.below(changes.length)]?.();
  }
}
