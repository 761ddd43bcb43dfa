/**
 * WebAssembly modules that are part of the source, as the bytes of the binary format
 * (webassembly.github.io/spec/core/binary): for loops over a memory of their own that gain by 64 bits and vectors.
 */

/** What is used of it; Node's types leave it out. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: object };
};

export const I32 = 0x7f;
export const I64 = 0x7e;
export const F64 = 0x7c;
export const V128 = 0x7b;

const FUNCTION_TYPE = 0x60;
const TYPE_SECTION = 1;
const FUNCTION_SECTION = 3;
const MEMORY_SECTION = 5;
const EXPORT_SECTION = 7;
const CODE_SECTION = 10;
const EXPORTED_FUNCTION = 0;
const EXPORTED_MEMORY = 2;

export const NO_RESULT = 0x40;
export const LOOP = 0x03;
export const IF = 0x04;
export const END = 0x0b;
export const BRANCH_IF = 0x0d;
export const LOCAL_GET = 0x20;
export const LOCAL_SET = 0x21;
export const LOCAL_TEE = 0x22;
export const I32_CONST = 0x41;
export const I32_LESS_UNSIGNED = 0x49;
export const I32_ADD = 0x6a;
export const VECTOR = 0xfd;
export const V128_LOAD = [VECTOR, 0x00];
export const V128_STORE = [VECTOR, 0x0b];
export const V128_AND = [VECTOR, 0x4e];
export const V128_OR = [VECTOR, 0x50];

/** Exponents of the alignments of loads and stores. */
export const ALIGN_16 = 4;
export const ALIGN_8 = 3;

export interface WasmFunction {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly results: readonly number[];
  /** Those after the parameters: runs of [how many, of which type]. */
  readonly locals: readonly (readonly [count: number, type: number])[];
  readonly code: readonly number[];
}

/**
 * An instance with these functions and `memory`, of so many pages of 64 KiB and no more; null where there is no
 * WebAssembly (node --jitless), or not enough address space for it.
 */
export function instantiate(pages: number, functions: readonly WasmFunction[]): object | null {
  try {
    const bytes = Uint8Array.from(moduleBytes(pages, functions));
    return new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  } catch {
    return null;
  }
}

function moduleBytes(pages: number, functions: readonly WasmFunction[]): number[] {
  const types = functions.map(({ parameters, results }) => [FUNCTION_TYPE, ...list(parameters), ...list(results)]);
  const bodies = functions.map(({ locals, code }) => {
    const body = [...vector(locals), ...code, END];
    return [...unsigned(body.length), ...body];
  });
  const exported = functions.map(({ name }, index) => [...text(name), EXPORTED_FUNCTION, index]);
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(TYPE_SECTION, vector(types)),
    ...section(FUNCTION_SECTION, list(functions.map((_, index) => index))),
    ...section(MEMORY_SECTION, [1, 1, pages, pages]),
    ...section(EXPORT_SECTION, vector([[...text('memory'), EXPORTED_MEMORY, 0], ...exported])),
    ...section(CODE_SECTION, vector(bodies)),
  ];
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function list(bytes: readonly number[]): number[] {
  return [bytes.length, ...bytes];
}

function text(name: string): number[] {
  return list([...Buffer.from(name, 'latin1')]);
}

/** LEB128. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

/** LEB128 of constants, whose highest bit is their sign. */
export function signed(value: bigint): number[] {
  const last = value >= -0x40n && value < 0x40n;
  const low = Number(value & 0x7fn);
  return last ? [low] : [low | 0x80, ...signed(value >> 7n)];
}
