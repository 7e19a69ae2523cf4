import { Base } from './base';

export const LIMIT: number = 3;
let counter = 0;

export interface Sink<T> extends Base {
  readonly width: number;
  put(value: T): void;
  new (x: number): Sink<T>;
}

export type Alias = Sink<string> | null;

export enum Mode { Fast, Slow = 2 }
declare const enum Small { One }

export namespace Inner {
  export function f(): void {}
}

export abstract class Store<T> extends Base implements Sink<T> {
  private static count = 0;
  public names?: string[];
  constructor(private readonly limit: number) { super(); }
  abstract size(): number;
  get(key: string): T | undefined { return this.read<T>(key); }
  get first(): T { return <T>this.names[0]; }
}

export function check(name: string): boolean;
export function check(name: any): boolean { return new Store<number>(1).get(name) != null; }
export const arrow = async (x: number): Promise<number> => check(String(x)) ? 1 : 0;
declare function outside(x: number): void;
declare module 'a' { }
