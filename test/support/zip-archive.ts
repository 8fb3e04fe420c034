/** ZIP archives (PKWARE APPNOTE 6.3.10) with any lie in their headers that a test wants to tell. */
import { crc32, deflateRawSync } from "node:zlib";

export interface ArchivedFile {
  readonly name: string;
  readonly content: Uint8Array | string;
  /** 0: as it is; 8: deflated. */
  readonly method?: number;
  readonly flags?: number;
  /** Of the content, as both headers declare it. */
  readonly declaredBytes?: number;
  readonly declaredPackedBytes?: number;
  readonly declaredCrc?: number;
  /** Sizes stand behind the data, as programs write that stream. */
  readonly hasDescriptor?: boolean;
  /** In place of the packed content. */
  readonly packed?: Uint8Array;
  readonly extra?: Uint8Array;
  readonly localOffset?: number;
}

interface ArchiveOptions {
  readonly before?: Uint8Array;
  readonly comment?: string;
  readonly disk?: number;
  readonly count?: number;
  /** Counts and offsets stand in the records of ZIP64. */
  readonly isZip64?: boolean;
}

export function zipArchive(
  files: readonly ArchivedFile[],
  options: ArchiveOptions = {},
): Uint8Array {
  const parts: Buffer[] = [Buffer.from(options.before ?? [])];
  const length = (): number => parts.reduce((sum, part) => sum + part.length, 0);
  const centrals: Buffer[] = [];
  for (const file of files) {
    const at = length();
    const { local, central, packed, descriptor } = headersOf(file, file.localOffset ?? at);
    parts.push(local, packed, descriptor);
    centrals.push(central);
  }
  const start = length();
  const directory = Buffer.concat(centrals);
  const count = options.count ?? files.length;
  parts.push(directory);
  if (options.isZip64 === true) parts.push(zip64End(start, directory.length, count));
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(options.disk ?? 0, 4);
  const small = options.isZip64 === true;
  end.writeUInt16LE(small ? 0xffff : count, 8);
  end.writeUInt16LE(small ? 0xffff : count, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(small ? 0xffffffff : start, 16);
  const comment = Buffer.from(options.comment ?? "");
  end.writeUInt16LE(comment.length, 20);
  parts.push(end, comment);
  return new Uint8Array(Buffer.concat(parts));
}

function headersOf(file: ArchivedFile, localOffset: number) {
  const content = Buffer.from(
    typeof file.content === "string" ? Buffer.from(file.content) : file.content,
  );
  const method = file.method ?? 8;
  const packed = Buffer.from(file.packed ?? (method === 8 ? deflateRawSync(content) : content));
  const name = Buffer.from(file.name);
  const extra = Buffer.from(file.extra ?? []);
  const flags = (file.flags ?? 0) | (file.hasDescriptor === true ? 8 : 0);
  const sizes = [
    file.declaredCrc ?? crc32(content),
    file.declaredPackedBytes ?? packed.length,
    file.declaredBytes ?? content.length,
  ];
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(flags, 6);
  local.writeUInt16LE(method, 8);
  if (file.hasDescriptor !== true) writeSizes(local, 14, sizes);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.writeUInt32LE(0x02014b50, 0);
  central.writeUInt16LE(20, 4);
  central.writeUInt16LE(20, 6);
  central.writeUInt16LE(flags, 8);
  central.writeUInt16LE(method, 10);
  central.writeUInt16LE(0x21, 14);
  writeSizes(central, 16, sizes);
  central.writeUInt16LE(name.length, 28);
  central.writeUInt16LE(extra.length, 30);
  central.writeUInt32LE(localOffset, 42);
  const descriptor = Buffer.alloc(file.hasDescriptor === true ? 16 : 0);
  if (file.hasDescriptor === true) {
    descriptor.writeUInt32LE(0x08074b50, 0);
    writeSizes(descriptor, 4, sizes);
  }
  return {
    local: Buffer.concat([local, name]),
    central: Buffer.concat([central, name, extra]),
    packed,
    descriptor,
  };
}

function writeSizes(header: Buffer, at: number, values: readonly number[]): void {
  values.forEach((value, index) => {
    header.writeUInt32LE(value, at + 4 * index);
  });
}

function zip64End(start: number, bytes: number, count: number): Buffer {
  const record = Buffer.alloc(56 + 20);
  record.writeUInt32LE(0x06064b50, 0);
  record.writeBigUInt64LE(44n, 4);
  record.writeBigUInt64LE(BigInt(count), 24);
  record.writeBigUInt64LE(BigInt(count), 32);
  record.writeBigUInt64LE(BigInt(bytes), 40);
  record.writeBigUInt64LE(BigInt(start), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeBigUInt64LE(BigInt(start + bytes), 64);
  record.writeUInt32LE(1, 72);
  return record;
}
